import type { Expected } from '../../helpers/expectations.js';

export default {
  quick: { updateMs: 1000, reassignMs: 2000, mergeMs: 5000, republishMs: 10_000, rpcTimeoutMs: 500 },
  success: 1,
  successUnderChurn: 0.6,
} satisfies Expected;
