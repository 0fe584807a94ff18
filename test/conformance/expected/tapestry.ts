import type { Expected } from '../../helpers/expectations.js';

export default {
  quick: { heartbeatMs: 200, tableMs: 2000, mergeMs: 5000, republishMs: 10_000, rpcTimeoutMs: 500 },
  success: 1,
  successUnderChurn: 0.6,
  recall: 0.15, // a query ends at the nearest of five replicas
} satisfies Expected;
