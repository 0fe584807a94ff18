import type { Expected } from '../../helpers/expectations.js';

export default {
  quick: { pingMs: 1000, mergeMs: 3000, linksMs: 1000, republishMs: 10_000, rpcTimeoutMs: 500, lookupTimeoutMs: 3000 },
  success: 1,
} satisfies Expected;
