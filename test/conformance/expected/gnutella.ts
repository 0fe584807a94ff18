import type { Expected } from '../../helpers/expectations.js';

export default {
  quick: { pingMs: 10_000, keepAliveMs: 3000, keepAliveTimeoutMs: 7000, retryMs: 2000 },
  success: 0.99,
  successUnderChurn: 0.6,
} satisfies Expected;
