import test from 'ava';
import { greatCircleKm, greatCircleLatencies } from '../../src/scenario/great-circle.js';

const london = { name: 'London', latitude: 51.51, longitude: -0.13 };
const newYork = { name: 'New York', latitude: 40.71, longitude: -74.01 };
const tokyo = { name: 'Tokyo', latitude: 35.68, longitude: 139.69 };
const antipode = { name: 'nowhere', latitude: -51.51, longitude: 179.87 };

const near = (actual: number, expected: number, by: number) => Math.abs(actual - expected) <= by;

test('distances on the sphere', (t) => {
  t.true(near(greatCircleKm(london, newYork), 5570, 10));
  t.true(near(greatCircleKm(london, antipode), Math.PI * 6371, 1));
  t.is(greatCircleKm(tokyo, tokyo), 0);
});

test('without stretch and spread, latency is light in fibre', (t) => {
  const latencies = greatCircleLatencies([london, newYork], { stretch: 1, spread: 0, withinMs: 1 });
  t.true(near(latencies[1], 5570 / 199.86, 0.1));
  t.is(latencies[0], 1);
});

test('a pair has its stretch whatever other places there are, in both directions, and never below 1', (t) => {
  const path = { stretch: 1.1, spread: 0.8, withinMs: 1 };
  const two = greatCircleLatencies([london, tokyo], path);
  const three = greatCircleLatencies([newYork, tokyo, london], path);
  t.is(two[1], three[2 * 3 + 1]);
  t.is(three[1 * 3 + 2], three[2 * 3 + 1]);
  const straight = greatCircleLatencies([newYork, tokyo, london], { stretch: 1, spread: 0, withinMs: 1 });
  t.true(three.every((latency, index) => latency >= straight[index]));
  t.not(three[1] / straight[1], three[2] / straight[2]);
});

test('two places in one spot are as far apart as two peers of one', (t) => {
  t.deepEqual([...greatCircleLatencies([london, { ...london, name: 'City' }], { stretch: 2, spread: 0, withinMs: 3 })], [3, 3, 3, 3]);
});
