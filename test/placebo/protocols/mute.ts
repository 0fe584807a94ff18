/** A placebo that does nothing and declares no message. */

import { defineProtocol } from '../../../src/protocol.js';

export default defineProtocol({
  about: 'says nothing',
  messages: {},
  create: () => ({ join() {}, onMessage() {} }),
});
