/** Many messages as a tree by depth: a row for each number of messages on the way from the start, a line from each message to those it caused. */

import type { TraceStep } from '../metrics/operation-trace.js';
import { whole } from './format.js';
import { type Colours, cross, type Drawing, px, xml } from './trace-parts.js';

const LABEL_WIDTH = 190;
const LEAST_WIDTH = 760;
const MOST_WIDTH = 2200;
const LEAF_WIDTH = 3;
const TOP = 24;
const MOST_MESSAGES = 10_000;

export function depthTree(steps: readonly TraceStep[], colours: Colours, nameOf: (host: number) => string): Drawing {
  const { nodes, left } = nodesOf(steps);
  const rows = Math.max(...nodes.map(({ depth }) => depth));
  const rowHeight = Math.max(30, Math.min(84, 700 / (rows + 1)));
  const leaves = place(nodes);
  const width = Math.max(LEAST_WIDTH, Math.min(MOST_WIDTH, leaves * LEAF_WIDTH));
  const x = (node: Node) => LABEL_WIDTH + ((node.leaf + 0.5) / leaves) * width;
  const y = ({ depth }: Node) => TOP + depth * rowHeight;
  const body: string[] = [];
  for (let depth = 0; depth <= rows; depth++) {
    const here = nodes.filter((node) => node.depth === depth);
    const at = TOP + depth * rowHeight;
    body.push(`<path class="grid" d="M${LABEL_WIDTH - 8} ${px(at)}h${px(width + 8)}"/>`);
    body.push(`<text class="faint" x="0" y="${px(at + 4)}">${xml(labelOf(depth, here, nameOf))}</text>`);
  }
  // All lines of one colour are one path: there may be thousands.
  const paths = new Map<number, string>();
  for (const node of nodes) {
    if (node.parent === null) continue;
    const colour = colours.get(node.step.type)!;
    paths.set(colour, `${paths.get(colour) ?? ''}M${px(x(node.parent))} ${px(y(node.parent))}L${px(x(node))} ${px(y(node))}`);
  }
  for (const [colour, d] of paths) body.push(`<path class="thin c${colour}" d="${d}"/>`);
  for (const node of nodes) {
    const [cx, cy] = [px(x(node)), px(y(node))];
    if (node.parent === null) body.push(`<circle class="f7" cx="${cx}" cy="${cy}" r="5"/>`);
    else if (node.step.dropped !== null) body.push(cross(x(node), y(node), 2));
    else if (node.step.isFirst) body.push(`<circle class="f${colours.get(node.step.type)}" cx="${cx}" cy="${cy}" r="2.2"/>`);
    else body.push(`<circle class="again" cx="${cx}" cy="${cy}" r="1"/>`);
  }
  for (const node of nodes) if (node.hasFound) body.push(`<circle class="found" cx="${px(x(node))}" cy="${px(y(node))}" r="5"/>`);
  const bottom = TOP + rows * rowHeight + 24;
  if (left > 0) body.push(`<text class="faint" x="0" y="${px(bottom + 12)}">and ${whole(left)} messages more, which are not drawn</text>`);
  return { width: LABEL_WIDTH + width, height: bottom + (left > 0 ? 24 : 0), body };
}

/** A message, or the start. */
interface Node {
  readonly step: TraceStep;
  readonly depth: number;
  readonly parent: Node | null;
  readonly children: Node[];
  /** It told the peer that asked of somebody who has the item. */
  hasFound: boolean;
  /** Where it is drawn, counted in leaves. */
  leaf: number;
}

/** The messages, each below the one that caused it, whatever was in between; and how many are left out. */
function nodesOf(steps: readonly TraceStep[]): { nodes: Node[]; left: number } {
  const nodes: Node[] = [];
  const byPlace: (Node | null)[] = [];
  let left = 0;
  for (const [place, step] of steps.entries()) {
    const parent = step.parent < 0 ? null : byPlace[step.parent];
    if (step.kind === 'found' && parent) parent.hasFound = true;
    if (step.kind !== 'message' && step.kind !== 'operation') {
      byPlace[place] = parent;
      continue;
    }
    if (step.kind === 'message' && (!parent || nodes.length > MOST_MESSAGES)) {
      byPlace[place] = null;
      left++;
      continue;
    }
    const node: Node = { step, depth: step.depth, parent, children: [], hasFound: false, leaf: 0 };
    parent?.children.push(node);
    nodes.push(node);
    byPlace[place] = node;
  }
  return { nodes, left };
}

/** Gives every node its place: leaves side by side, the others in the middle of what they caused. Returns how many leaves there are. */
function place(nodes: readonly Node[]): number {
  const open: { node: Node; isSecond: boolean }[] = [{ node: nodes[0], isSecond: false }];
  let leaves = 0;
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { node, isSecond } = next;
    const { children } = node;
    if (children.length === 0) node.leaf = leaves++;
    else if (isSecond) node.leaf = (children[0].leaf + children.at(-1)!.leaf) / 2;
    else {
      open.push({ node, isSecond: true });
      for (let i = children.length - 1; i >= 0; i--) open.push({ node: children[i], isSecond: false });
    }
  }
  return Math.max(1, leaves);
}

function labelOf(depth: number, here: readonly Node[], nameOf: (host: number) => string): string {
  if (depth === 0) return `${nameOf(here[0].step.from)} asks`;
  const ttls = [...new Set(here.flatMap(({ step }) => step.ttl ?? []))].sort((a, b) => b - a);
  const ttl = ttls.length === 0 ? '' : ttls.length === 1 ? `, ttl ${ttls[0]}` : `, ttl ${ttls[0]} to ${ttls.at(-1)}`;
  const fresh = here.filter(({ step }) => step.isFirst).length;
  return `${whole(here.length)} sent, ${whole(fresh)} new${ttl}`;
}
