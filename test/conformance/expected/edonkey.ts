import type { Expected } from '../../helpers/expectations.js';

export default {
  quick: { loginTimeoutMs: 6000, loginRetryMs: 2000, testTimeoutMs: 1500, keepAliveMs: 3000, writeTimeoutMs: 4000, answerTimeoutMs: 1500 },
  success: 0.99,
  successUnderChurn: 0.9,
} satisfies Expected;
