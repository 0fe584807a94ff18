import type { Expected } from '../../helpers/expectations.js';

export default {
  quick: { everyMs: 3000, settleMs: 2000, refreshMs: 5000, keepAliveMs: 5000 },
} satisfies Expected;
