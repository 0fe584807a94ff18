import type { Expected } from '../../helpers/expectations.js';

export default {
  quick: { tendMs: 2000, republishMs: 10_000, expiryMs: 60_000 },
  success: 0.99,
  successUnderChurn: 0.6,
  // A request ends at the first copy of the data, which may have been made before the last publisher added its record.
  recall: 0.6,
} satisfies Expected;
