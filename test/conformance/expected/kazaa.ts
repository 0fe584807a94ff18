import type { Expected } from '../../helpers/expectations.js';

export default {
  quick: {
    descendants: 12,
    roleMs: 3000,
    termMs: 10_000,
    minimumUptimeMs: 3000,
    newsMs: 3000,
    listMs: 10_000,
    retryMs: 1000,
    keepAliveMs: 2000,
    writeTimeoutMs: 3000,
    supernodeExpiryMs: 15_000,
    answerTimeoutMs: 1500,
  },
  success: 0.99,
  successUnderChurn: 0.7,
} satisfies Expected;
