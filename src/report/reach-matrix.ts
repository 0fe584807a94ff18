/**
 * Who could connect with whom, as text: a row for each NAT class of those who asked, a column for each of those who were asked, in a cell
 * how many of a hundred connections opened.
 */

import type { Summary } from '../metrics/summary.js';
import { count, whole } from './format.js';
import { cut } from './layout.js';
import type { Paint } from './paint.js';

const LETTERS = 'abcdefghijklmnopqrstuvwxyz';
/** Characters of the longest name, of the count beside it, of a column, and of the name of a protocol. */
const NAME = 20;
const ASKED = 7;
const CELL = 4;
const PROTOCOL = 14;
const GAP = '  ';
/** In the place of a cell when nobody asked. */
const NOBODY = '.';

/** Nothing when there are no gateways, or nobody asked for a connection. */
export function reachMatrix({ protocol, nat }: Summary, style: Paint, width = 80, ofSeveral = false): string[] {
  if (nat === null || nat.reach.length === 0) return [];
  const { classes, left } = classesOf(nat, Math.max(1, Math.floor((width - 1 - GAP.length - NAME - GAP.length - ASKED) / CELL)));
  const cells = new Map(nat.reach.map((each) => [`${each.from}\n${each.to}`, each]));
  const rows = classes.map((from, row) => {
    const asked = nat.reach.reduce((sum, each) => sum + (each.from === from ? each.asked : 0), 0);
    const shares = classes.map((to) => percent(cells.get(`${from}\n${to}`)));
    return line(LETTERS[row], from, count(asked), shares);
  });
  const whose = ofSeveral ? `${cut(protocol, PROTOCOL)}: of` : 'of';
  return [
    style.dim(`${whose} 100 connections from one NAT class (row) to another (column)`),
    style.bold(line(' ', 'so many opened', 'asked', [...LETTERS].slice(0, classes.length))),
    ...rows,
    ...(left > 0 ? [style.dim(`${GAP}and ${whole(left)} more classes: nat.reach in summary.json`)] : []),
  ];
}

const line = (letter: string, name: string, asked: string, cells: readonly string[]) =>
  `${letter}${GAP}${cut(name, NAME).padEnd(NAME)}${GAP}${asked.padStart(ASKED)}${cells.map((cell) => cell.padStart(CELL)).join('')}`;

/** The classes that asked or were asked, in the topology's order: as many as there is room for, those that were busiest. */
function classesOf({ peers, reach }: NonNullable<Summary['nat']>, room: number): { classes: string[]; left: number } {
  const asked = new Map<string, number>();
  for (const each of reach) for (const name of [each.from, each.to]) asked.set(name, (asked.get(name) ?? 0) + each.asked);
  const busiest = [...asked.keys()].toSorted((a, b) => asked.get(b)! - asked.get(a)!).slice(0, Math.min(room, LETTERS.length));
  const classes = Object.keys(peers).filter((name) => busiest.includes(name));
  return { classes, left: asked.size - classes.length };
}

/** Only all is 100, only none is 0. */
function percent(cell: { readonly asked: number; readonly opened: number } | undefined): string {
  if (cell === undefined) return NOBODY;
  const { asked, opened } = cell;
  if (opened === 0 || opened === asked) return opened === 0 ? '0' : '100';
  return String(Math.min(99, Math.max(1, Math.round((100 * opened) / asked))));
}
