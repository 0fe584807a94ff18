/**
 * From a picture's description to SVG. ECharts draws it in memory, in the light colours; each coloured thing also gets a class (`f-ink`,
 * `s-blue`), so that a style can give it another colour on a dark page. What a picture means in text (title, description) comes with it.
 */

import type { EChartsOption, SeriesOption } from 'echarts';
import { escapeText, unbroken } from '../html/escape.js';
import { TONES } from '../palette.js';

/** What is to be drawn. */
export interface Picture {
  /** Its file's name, and what its ids begin with. */
  readonly name: string;
  /** What one sees in it, as a sentence. */
  readonly title: string;
  /** How to read it. */
  readonly about: string;
  /** Whether it fills the page, or stands beside another. */
  readonly span: 'full' | 'half';
  height(width: number): number;
  option(width: number): EChartsOption;
}

/** A picture at two widths. */
export interface Drawn extends Pick<Picture, 'name' | 'title' | 'about' | 'span'> {
  /** `<svg>` elements without colours of their own on a dark page: the page, or `standalone`, has them. */
  readonly wide: string;
  readonly narrow: string;
}

export const WIDTHS = { full: 1080, half: 528, narrow: 350 } as const;

type Charts = Pick<typeof import('echarts'), 'init' | 'setPlatformAPI'>;

/** Loaded when the first picture is drawn: everything else in the program starts without it. As one minified file it is there five times sooner. */
const BUNDLE = 'echarts/dist/echarts.esm.min.mjs';

async function loadCharts(): Promise<Charts> {
  const charts = (await import(BUNDLE)) as Charts;
  // Without a browser it takes letters to be narrower than they are, and sets the items of a legend one upon the other.
  charts.setPlatformAPI({ measureText: (text, font) => ({ width: textWidth(text, Number(/([\d.]+)px/.exec(font ?? '')?.[1] ?? 12)) }) });
  return charts;
}

export async function drawAll(pictures: readonly Picture[]): Promise<Drawn[]> {
  if (pictures.length === 0) return [];
  const charts = await loadCharts();
  return pictures.map((picture) => {
    const { name, title, about, span } = picture;
    return { name, title, about, span, wide: draw(charts, picture, WIDTHS[span], 'w'), narrow: draw(charts, picture, WIDTHS.narrow, 'n') };
  });
}

function draw(charts: Charts, picture: Picture, width: number, variant: string): string {
  const height = picture.height(width);
  const chart = charts.init(null, null, { renderer: 'svg', ssr: true, width, height });
  try {
    chart.setOption({
      animation: false,
      backgroundColor: 'transparent',
      textStyle: { fontFamily: 'sans-serif' },
      ...picture.option(width),
    });
    return tidy(chart.renderToSVGString({ useViewBox: true }), picture, `${picture.name}-${variant}`);
  } finally {
    chart.dispose(); // or it would keep the process alive
  }
}

const TONE_OF: ReadonlyMap<string, string> = new Map(Object.entries(TONES).map(([name, { light }]) => [light, name]));

/** The same SVG with ids that only depend on the picture, without what is for a page with ECharts in it, and with classes for its colours. */
function tidy(svg: string, { title, about }: Picture, prefix: string): string {
  const inner = svg
    .replace(/<style[\s\S]*?<\/style>/g, '')
    .replace(/ (?:ecmeta_\w+|pointer-events|class)="[^"]*"/g, '')
    .replace(/zr\d+-(?=[a-z])/g, `${prefix}-`)
    .replace(/font-family:[^;"]*;?/g, '')
    .replace(/="#fff"/g, `="${TONES.paper.light}"`)
    .replace(/<[a-z][^>]*>/g, classed);
  const [, root, body] = /^<svg ([^>]*)>([\s\S]*)<\/svg>\s*$/.exec(inner)!;
  const viewBox = /viewBox="[^"]*"/.exec(root)![0];
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" ${viewBox} role="img" aria-labelledby="${prefix}-title ${prefix}-about" font-family="system-ui, sans-serif">` +
    `<title id="${prefix}-title">${escapeText(title)}</title><desc id="${prefix}-about">${escapeText(about)}</desc>${body.trim()}</svg>`
  );
}

function classed(tag: string): string {
  const classes: string[] = [];
  for (const [, what, value] of tag.matchAll(/ (fill|stroke)="(#[0-9a-f]{6})"/g)) {
    const tone = TONE_OF.get(value);
    if (tone !== undefined) classes.push(`${what[0]}-${tone}`);
  }
  return classes.length === 0 ? tag : tag.replace(/\s*(\/?)>$/, ` class="${classes.join(' ')}"$1>`);
}

/** The rules that give those classes the colours of a light or a dark page. */
export function toneRules(scheme: 'light' | 'dark'): string {
  return Object.entries(TONES)
    .map(([name, tone]) => `.f-${name}{fill:${tone[scheme]}}.s-${name}{stroke:${tone[scheme]}}`)
    .join('');
}

const TITLE_SIZE = 15;
const MARGIN = 12;
const LINE = 20;

/** A drawing as a file of its own: with its title in it, and colours for a light and a dark page. */
export function standalone({ title, wide, span }: Drawn): string {
  const width = WIDTHS[span] + 2 * MARGIN;
  const lines = wrapByWidth(unbroken(title), width - 2 * MARGIN, TITLE_SIZE);
  const head = lines.length * LINE + 12;
  const height = Number(/viewBox="0 0 \S+ (\S+)"/.exec(wide)![1]) + head;
  const [, open, named, body] = /^(<svg [^>]*>)(<title[\s\S]*?<\/desc>)([\s\S]*)<\/svg>$/.exec(wide)!;
  const text = lines.map((line, at) => `<tspan x="${MARGIN}" y="${22 + at * LINE}">${escapeText(line)}</tspan>`).join('');
  return (
    `${open.replace(/viewBox="[^"]*"/, `width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"`)}${named}` +
    `<style>@media (prefers-color-scheme: dark){${toneRules('dark')}}</style>` +
    `<rect width="${width}" height="${height}" fill="${TONES.paper.light}" class="f-paper"/>` +
    `<text font-size="${TITLE_SIZE}" font-weight="600" fill="${TONES.ink.light}" class="f-ink">${text}</text>` +
    `<g transform="translate(${MARGIN} ${head})">${body}</g></svg>\n`
  );
}

/** The room a text takes, roughly and rather too much. */
export const textWidth = (text: string, size = 12): number => text.length * size * 0.6;

function wrapByWidth(text: string, width: number, size: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && textWidth(`${line} ${word}`, size) > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}

export type { EChartsOption, SeriesOption };
