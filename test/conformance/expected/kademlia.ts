import type { Expected } from '../../helpers/expectations.js';

export default {
  quick: { refreshMs: 10_000, republishMs: 20_000, publishMs: 20_000, expiryMs: 60_000, rpcTimeoutMs: 500, clientRefreshMs: 10_000 },
  success: 1,
  successUnderChurn: 0.6,
} satisfies Expected;
