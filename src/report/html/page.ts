/** A report as one HTML file that needs nothing else: style, script and pictures are in it. */

import type { Drawn } from '../charts/draw.js';
import { escapeText, unbroken } from './escape.js';
import { SCRIPT } from './script.js';
import { STYLE } from './style.js';
import { type PageTable, tableHtml } from './table.js';

export interface Section {
  readonly title: string;
  /** What to know about it; '' for nothing. */
  readonly note?: string;
  readonly pictures?: readonly Drawn[];
  readonly tables?: readonly PageTable[];
}

export interface Page {
  readonly title: string;
  readonly about: string;
  readonly facts: readonly (readonly [name: string, value: string])[];
  /** What must not be missed; `bad` before `care`. */
  readonly notices: readonly { readonly weight: 'bad' | 'care'; readonly kind: string; readonly text: string }[];
  /** What came out, in words. */
  readonly sentences: readonly string[];
  readonly sections: readonly Section[];
  /** What repeats it. */
  readonly command: string;
  /** Folded away. */
  readonly files: readonly { readonly name: string; readonly text: string }[];
  readonly version: string;
}

export function pageHtml(page: Page): string {
  const { title, about, facts, notices, sentences, sections, command, files, version } = page;
  const parts = [
    `<header><h1>${escapeText(title)}</h1>${about === '' ? '' : `<p class="about">${escapeText(about)}</p>`}`,
    `<dl class="facts">${facts.map(([name, value]) => `<div><dt>${escapeText(name)}</dt><dd>${escapeText(unbroken(value))}</dd></div>`).join('')}</dl>`,
    '</header>',
    noticesHtml(notices),
    ...sentences.map((text) => `<p>${escapeText(unbroken(text))}</p>`),
    ...sections.map(sectionHtml),
    '<section><h2>Again</h2>',
    `<div class="command"><pre><code>${escapeText(command)}</code></pre><button type="button" class="copy">Copy</button></div>`,
    ...files.map(({ name, text }) => `<details><summary>${escapeText(name)}</summary><pre>${escapeText(text)}</pre></details>`),
    '</section>',
    `<footer>Peerage ${escapeText(version)}. Each picture is also a file in <code>charts/</code>, beside this one.</footer>`,
  ];
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeText(title)}</title>
<style>
${STYLE}
</style>
</head>
<body>
<main>
${parts.filter((part) => part !== '').join('\n')}
</main>
<script>
${SCRIPT}
</script>
</body>
</html>
`;
}

/** More warnings than this are folded away: what is bad never is. */
const MOST_SHOWN = 4;

function noticesHtml(notices: Page['notices']): string {
  const bad = notices.filter(({ weight }) => weight === 'bad');
  const care = notices.filter(({ weight }) => weight === 'care');
  const list = (these: Page['notices']) => {
    const items = these.map(
      ({ weight, kind, text }) => `<li class="${weight}"><b>${escapeText(kind)}</b>${escapeText(unbroken(text))}</li>`,
    );
    return these.length === 0 ? '' : `<ul class="notices">${items.join('')}</ul>`;
  };
  const folded = `<details><summary>${care.length} warnings: what to know before trusting the figures</summary>${list(care)}</details>`;
  return `${list(bad)}${care.length > MOST_SHOWN ? folded : list(care)}`;
}

function sectionHtml({ title, note = '', pictures = [], tables = [] }: Section): string {
  const figures = pictures.length === 0 ? '' : `<div class="pictures">\n${pictures.map(figureHtml).join('\n')}\n</div>`;
  return `<section><h2>${escapeText(title)}</h2>${note === '' ? '' : `<p class="note">${escapeText(note)}</p>`}${figures}${tables.map(tableHtml).join('\n')}</section>`;
}

function figureHtml({ title, about, span, wide, narrow }: Drawn): string {
  return (
    `<figure class="${span}"><figcaption><h3>${escapeText(unbroken(title))}</h3><p>${escapeText(unbroken(about))}</p></figcaption>` +
    `<div class="wide">${wide}</div><div class="narrow">${narrow}</div></figure>`
  );
}
