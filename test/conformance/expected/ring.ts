import type { Expected } from '../../helpers/expectations.js';

export default {
  quick: { pingMs: 1000, mergeMs: 3000, republishMs: 10_000, rpcTimeoutMs: 500, lookupTimeoutMs: 5000 },
  success: 1,
} satisfies Expected;
