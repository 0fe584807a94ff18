import test from 'ava';
import { addressOf, formatAddress, peerAt } from '../../src/network/address.js';

test('every peer has an address of its own, of 48 bits, and is found by it', (t) => {
  const peers = [0, 1, 255, 256, 65_535, 65_536, 1_000_000, 100_000_000];
  for (const peer of peers) {
    t.is(peerAt(addressOf(peer)), peer);
    t.true(Number.isSafeInteger(addressOf(peer)) && addressOf(peer) < 2 ** 48);
  }
  t.is(new Set(peers.map(addressOf)).size, peers.length);
});

test('what is nobody\u2019s address is no peer', (t) => {
  for (const address of [5, 0, -1, addressOf(3) + 1, addressOf(0) - 65_536, Number.NaN]) {
    const peer = peerAt(address);
    t.false(Number.isInteger(peer) && peer >= 0, `${address} is peer ${peer}`);
  }
});

test('an address is shown as ip:port; anything else as it is', (t) => {
  t.is(formatAddress(addressOf(0)), '1.0.0.0:6346');
  t.is(formatAddress(addressOf(17)), '1.0.0.17:6346');
  t.is(formatAddress(addressOf(65_536 + 257)), '1.1.1.1:6346');
  t.is(formatAddress(255 * 2 ** 40 + 80), '255.0.0.0:80');
  t.is(formatAddress(Number.NaN), 'NaN');
  t.is(formatAddress(-5), '-5');
  t.is(formatAddress(2 ** 48), '281474976710656');
  t.is(formatAddress('here' as never), 'here');
});
