import test from 'ava';
import fc from 'fast-check';
import { hex, Md4, md4 } from '../../src/overlay/md4.js';

const ascii = (text: string) => new TextEncoder().encode(text);

test('the test vectors of RFC 1320, A.5', (t) => {
  const suite: Record<string, string> = {
    '': '31d6cfe0d16ae931b73c59d7e0c089c0',
    a: 'bde52cb31de33e46245e05fbdbd6fb24',
    abc: 'a448017aaf21d8525fc10ae87aa6729d',
    'message digest': 'd9130a8164549fe818874806e1c7014b',
    abcdefghijklmnopqrstuvwxyz: 'd79e1c308aa5bbcdeea8ed63df412da9',
    ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789: '043f8582f241db351ce627e153e7f0e4',
    '12345678901234567890123456789012345678901234567890123456789012345678901234567890': 'e33b4ddc9c38f2199c3e7b164fcc0536',
  };
  for (const [text, digest] of Object.entries(suite)) t.is(hex(md4(ascii(text))), digest, text);
});

test('however the bytes are cut, the hash is the same', (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.array(fc.nat(300), { maxLength: 6 }), (bytes, cuts) => {
      const pieces = new Md4();
      let from = 0;
      for (const cut of [...cuts, bytes.length].sort((a, b) => a - b)) {
        pieces.update(bytes.subarray(from, Math.min(cut, bytes.length)));
        from = Math.min(cut, bytes.length);
      }
      return hex(pieces.digest()) === hex(md4(bytes));
    }),
  );
  t.pass();
});
