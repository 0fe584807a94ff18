import type { Expected } from '../../helpers/expectations.js';

export default {
  quick: { stabiliseMs: 1000, fixFingersMs: 1000, checkPredecessorMs: 1000, mergeMs: 5000, republishMs: 10_000, rpcTimeoutMs: 500 },
  success: 1,
  successUnderChurn: 0.6,
} satisfies Expected;
