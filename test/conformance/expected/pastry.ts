import type { Expected } from '../../helpers/expectations.js';

export default {
  quick: {
    leafProbeMs: 1000,
    tableProbeMs: 1000,
    tableMs: 2000,
    neighbourhoodMs: 5000,
    mergeMs: 5000,
    republishMs: 10_000,
    rpcTimeoutMs: 500,
  },
  success: 1,
  successUnderChurn: 0.6,
} satisfies Expected;
