import type { Expected } from '../../helpers/expectations.js';

export default {
  quick: { keepAliveMs: 3000, keepAliveTimeoutMs: 7000, retryMs: 2000 },
  success: 0.99,
  successUnderChurn: 0.6,
  recall: 0.1, // it ends a search with the first provider
} satisfies Expected;
