import type { Expected } from '../../helpers/expectations.js';

export default {
  quick: { keepAliveMs: 5000, serverTimeoutMs: 5000 },
  success: 1,
  successUnderChurn: 0.9,
  successBehindNat: 1,
  recall: 1,
} satisfies Expected;
