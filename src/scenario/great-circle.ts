/**
 * Latency from coordinates: light in fibre travels at two thirds of its speed in vacuum, and real paths are longer than the great
 * circle by a stretch that differs from pair to pair. The stretch of a pair is log-normal around the stated one, drawn by hashing the
 * two names, so it is the same in both directions, in every run, and whatever other sites there are; it is never below 1.
 */

import { mix } from '../kernel/random.js';

export interface Place {
  readonly name: string;
  /** Degrees, north and east positive. */
  readonly latitude: number;
  readonly longitude: number;
}

export interface GreatCircle {
  /** Median of path length over great-circle length, at least 1. */
  readonly stretch: number;
  /** Standard deviation of the stretch's logarithm. */
  readonly spread: number;
  /** One-way latency within a site, in ms, and the least between two sites. */
  readonly withinMs: number;
}

const EARTH_RADIUS_KM = 6371;
/** How far light gets in fibre, at two thirds of its speed in vacuum. */
export const FIBRE_KM_PER_MS = (299.792458 * 2) / 3;

/** One-way latencies in ms, places x places, rounded to 1 us so that they do not hang on the last bit of a sine. */
export function greatCircleLatencies(places: readonly Place[], path: GreatCircle): Float64Array {
  const n = places.length;
  const latencyMs = new Float64Array(n * n);
  for (let from = 0; from < n; from++) {
    latencyMs[from * n + from] = path.withinMs;
    for (let to = from + 1; to < n; to++) {
      const floorMs = greatCircleKm(places[from], places[to]) / FIBRE_KM_PER_MS;
      const stretch = Math.max(1, path.stretch * Math.exp(path.spread * normalOfPair(places[from].name, places[to].name)));
      const oneWayMs = Math.max(path.withinMs, Math.round(floorMs * stretch * 1000) / 1000);
      latencyMs[from * n + to] = oneWayMs;
      latencyMs[to * n + from] = oneWayMs;
    }
  }
  return latencyMs;
}

/** Length of the great circle between two places on a sphere, by the haversine formula, in km. */
export function greatCircleKm(a: Omit<Place, 'name'>, b: Omit<Place, 'name'>): number {
  const latitude = Math.sin(radians(b.latitude - a.latitude) / 2) ** 2;
  const longitude = Math.sin(radians(b.longitude - a.longitude) / 2) ** 2;
  const haversine = latitude + Math.cos(radians(a.latitude)) * Math.cos(radians(b.latitude)) * longitude;
  return 2 * EARTH_RADIUS_KM * Math.asin(Math.min(1, Math.sqrt(haversine)));
}

function radians(degrees: number): number {
  return (degrees * Math.PI) / 180;
}

/** A standard normal number that belongs to the unordered pair (Box and Muller 1958). */
function normalOfPair(a: string, b: string): number {
  const pair = a < b ? mix(hash(a), hash(b)) : mix(hash(b), hash(a));
  return Math.sqrt(-2 * Math.log(uniform(mix(pair, 1)))) * Math.cos(2 * Math.PI * uniform(mix(pair, 2)));
}

function uniform(bits: number): number {
  return ((bits >>> 0) + 0.5) / 4294967296;
}

/** FNV-1a, 32 bits, over UTF-8. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) value = Math.imul(value ^ byte, 0x01000193);
  return value;
}
