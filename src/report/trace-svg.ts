/**
 * An operation's trace as a picture, written by hand as SVG: few messages as a space-time diagram, many as a tree by depth. Light or
 * dark, as the reader has it.
 */

import type { OperationTrace, TraceStep } from '../metrics/operation-trace.js';
import { duration, whole } from './format.js';
import { depthTree } from './trace-depths.js';
import { type Colours, cross, type Drawing, hostsOf, px, xml } from './trace-parts.js';
import { spaceTime } from './trace-space-time.js';
import type { TraceHeading } from './trace-text.js';

/** The most that a space-time diagram can show and still be read. */
const MOST_MESSAGES = 150;
const MOST_PEERS = 40;
const MARGIN = 24;
const HEAD_HEIGHT = 64;
const LEGEND_HEIGHT = 34;
/** Of a letter at 12 px, on average. */
const LETTER_WIDTH = 7;

const COLOUR_COUNT = 8;

export function renderTraceSvg(trace: OperationTrace, heading: TraceHeading): string {
  const { steps } = trace;
  const messages = steps.filter(({ kind }) => kind === 'message');
  const colours: Colours = new Map(
    [...new Set(messages.map(({ type }) => type))].map((type, at) => [type, Math.min(at, COLOUR_COUNT - 1)]),
  );
  const isSmall = messages.length <= MOST_MESSAGES && hostsOf(steps).length <= MOST_PEERS;
  const drawing = isSmall ? spaceTime(steps, colours, heading.nameOf) : depthTree(steps, colours, heading.nameOf);
  const legend = legendOf(colours, isSmall, messages);
  const width = Math.max(drawing.width, legend.width, 640) + 2 * MARGIN;
  const height = HEAD_HEIGHT + LEGEND_HEIGHT + drawing.height + 2 * MARGIN;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">`,
    `<title>${xml(titleOf(heading))}</title>`,
    STYLE,
    `<rect class="ground" width="${width}" height="${height}"/>`,
    `<g transform="translate(${MARGIN} ${MARGIN})">`,
    `<text class="title" y="16">${xml(titleOf(heading))}</text>`,
    `<text class="faint" y="38">${xml(outcomeOf(steps, heading))}</text>`,
    `<g transform="translate(0 ${HEAD_HEIGHT})">`,
    ...legend.body,
    '</g>',
    `<g transform="translate(0 ${HEAD_HEIGHT + LEGEND_HEIGHT})">`,
    ...drawing.body,
    '</g></g></svg>',
    '',
  ].join('\n');
}

function titleOf({ scenario, protocol, peers, operation }: TraceHeading): string {
  return `Operation ${whole(operation)} of ${scenario}: ${protocol}, ${whole(peers)} peers`;
}

function outcomeOf(steps: readonly TraceStep[], { outcome, latencyMs, messages, reached, nameOf }: TraceHeading): string {
  const lost = steps.filter(({ dropped }) => dropped !== null).length;
  const parts = [
    `${nameOf(steps[0].from)} asks at ${(steps[0].atMs / 1000).toFixed(3)} s`,
    latencyMs === null ? outcome : `${outcome} after ${duration(latencyMs)}`,
    `${whole(messages)} message${messages === 1 ? '' : 's'}`,
    ...(lost > 0 ? [`${whole(lost)} lost`] : []),
    `${whole(reached)} peers reached`,
  ];
  return parts.join(', ');
}

function legendOf(colours: Colours, isSmall: boolean, messages: readonly TraceStep[]): Drawing {
  const body: string[] = [];
  let x = 0;
  const entry = (mark: string, text: string) => {
    body.push(`<g transform="translate(${px(x)} 0)">${mark}<text x="24" y="4">${xml(text)}</text></g>`);
    x += 24 + text.length * LETTER_WIDTH + 18;
  };
  for (const [type, colour] of colours) entry(`<path class="line c${colour}" d="M0 0h18"/>`, type);
  if (messages.some(({ dropped }) => dropped !== null)) entry(cross(9, 0, 4), 'lost');
  if (!isSmall) entry('<circle class="again" cx="9" r="2"/>', 'came to a peer that knew of it');
  entry('<circle class="found" cx="9" r="5"/>', isSmall ? 'found' : 'brought a provider');
  return { width: x, height: LEGEND_HEIGHT, body };
}

/** Eight colours that stay apart for the colour-blind (after Okabe and Ito), darker on light ground and lighter on dark. */
const STYLE = `<style>
svg { --ground: #ffffff; --ink: #1f2328; --faint: #59636e; --rule: #d1d9e0; --bad: #cf222e;
  --c0: #0969da; --c1: #bc4c00; --c2: #1a7f37; --c3: #8250df; --c4: #9a6700; --c5: #bf3989; --c6: #0a7d91; --c7: #6e7781; }
@media (prefers-color-scheme: dark) {
  svg { --ground: #0d1117; --ink: #e6edf3; --faint: #9198a1; --rule: #30363d; --bad: #ff7b72;
    --c0: #58a6ff; --c1: #f0883e; --c2: #3fb950; --c3: #bc8cff; --c4: #d29922; --c5: #f778ba; --c6: #39c5cf; --c7: #8b949e; }
}
text { font: 12px system-ui, "Segoe UI", "Helvetica Neue", Arial, sans-serif; fill: var(--ink); }
.title { font-size: 16px; font-weight: 600; }
.faint { fill: var(--faint); }
.small { font-size: 10px; fill: var(--faint); }
.ttl { font-size: 10px; fill: var(--ink); paint-order: stroke; stroke: var(--ground); stroke-width: 3px; }
.middle { text-anchor: middle; }
.end { text-anchor: end; }
.strong { font-weight: 600; }
.ground { fill: var(--ground); }
.rule { stroke: var(--rule); stroke-width: 1; fill: none; }
.grid { stroke: var(--rule); stroke-width: 1; stroke-dasharray: 1 4; fill: none; }
.line { stroke-width: 1.6; fill: none; }
.thin { stroke-width: 0.7; stroke-opacity: 0.5; fill: none; }
.wait { stroke: var(--faint); stroke-width: 3; stroke-dasharray: 1 3; fill: none; }
.link { stroke: var(--faint); stroke-width: 1; stroke-dasharray: 4 3; fill: none; }
.lost { stroke: var(--bad); stroke-width: 1.6; fill: none; }
.found { stroke: var(--ink); stroke-width: 1.8; fill: none; }
.again { fill: var(--faint); }
${Array.from({ length: COLOUR_COUNT }, (_, i) => `.c${i} { stroke: var(--c${i}); } .f${i} { fill: var(--c${i}); }`).join('\n')}
</style>`;
