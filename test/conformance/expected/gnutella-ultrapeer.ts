import type { Expected } from '../../helpers/expectations.js';

export default {
  quick: { keepAliveMs: 3000, keepAliveTimeoutMs: 7000, retryMs: 2000, electMs: 3000, fullUptimeMs: 10_000, lookAroundMs: 10_000 },
  success: 0.99,
  successUnderChurn: 0.6,
  recall: 0.2, // an ultrapeer that can answer from its own index does not ask others
} satisfies Expected;
