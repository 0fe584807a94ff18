/**
 * A small strict reader of XML 1.0: elements, attributes, text, entities, CDATA, comments and processing instructions. No document type
 * with rules of its own and no entities but the five predefined and the numeric ones, so nothing in a file can make it grow. What a
 * real parser would refuse is refused here, with its line.
 */

import { Problem } from '../../problem.js';
import { show } from '../units.js';

export interface XmlElement {
  /** Without a namespace's prefix. */
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly XmlElement[];
  /** The text directly in it, all pieces together. */
  readonly text: string;
  /** Of its beginning, from 1. */
  readonly line: number;
}

const NAME = '[A-Za-z_][\\w.-]*(?::[A-Za-z_][\\w.-]*)?';
/** One thing after another: what stands between them is text. */
const MARKUP = /<!--[\s\S]*?-->|<!\[CDATA\[[\s\S]*?\]\]>|<\?[\s\S]*?\?>|<(?!!--|!\[CDATA\[|\?)[^<>"']*(?:(?:"[^"]*"|'[^']*')[^<>"']*)*>/y;
const ATTRIBUTE = new RegExp(`\\s+(${NAME})\\s*=\\s*("[^"<]*"|'[^'<]*')`, 'y');
const TAG = new RegExp(`<(/?)(${NAME})((?:\\s+${NAME}\\s*=\\s*(?:"[^"<]*"|'[^'<]*'))*)\\s*(/?)>`, 'y');
const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

type Open = { -readonly [K in keyof XmlElement]: XmlElement[K] } & { children: XmlElement[] };

/** The root element. @throws Problem with `name` and line */
export function parseXml(text: string, name: string): XmlElement {
  let at = 0;
  let line = 1;
  let counted = 0;
  const lineAt = (offset: number) => {
    for (; counted < offset; counted++) if (text.charCodeAt(counted) === 10) line++;
    return line;
  };
  const fail = (message: string): never => {
    throw new Problem(`${name}:${lineAt(at)}: not valid XML: ${message}`);
  };
  const open: Open[] = [];
  let root: Open | null = null;
  const addText = (raw: string) => {
    const top = open[open.length - 1];
    if (top) top.text += raw;
    else if (raw.trim() !== '') fail(`expected an element, got the text ${show(raw.trim())}`);
  };
  while (at < text.length) {
    if (text[at] !== '<') {
      const end = text.indexOf('<', at);
      const raw = text.slice(at, end < 0 ? undefined : end);
      addText(decoded(raw, fail));
      at += raw.length;
      continue;
    }
    MARKUP.lastIndex = at;
    const unended = text.startsWith('<!DOCTYPE', at)
      ? 'expected no document type with declarations of its own'
      : 'expected the end of this tag or comment, got the end of the file or another "<"';
    const markup = MARKUP.exec(text)?.[0] ?? fail(unended);
    if (markup.startsWith('<![CDATA[')) {
      if (open.length === 0) fail('expected an element, got CDATA');
      addText(markup.slice('<![CDATA['.length, -']]>'.length));
    } else if (markup.startsWith('<!DOCTYPE')) {
      if (markup.includes('[') || root !== null) fail('expected no document type with declarations of its own');
    } else if (!markup.startsWith('<!--') && !markup.startsWith('<?')) {
      TAG.lastIndex = at;
      const [whole, closing, prefixed, attributes, empty] = TAG.exec(text) ?? [''];
      if (whole !== markup) fail(`expected a tag with attributes in quotes, got ${show(markup)}`);
      const local = prefixed!.slice(prefixed!.indexOf(':') + 1);
      if (closing) {
        const top = open.pop();
        if (top?.name !== local || attributes !== '' || empty !== '') {
          fail(`expected ${top ? `the end of <${top.name}>, opened in line ${top.line}` : 'no more'}, got ${markup}`);
        }
      } else {
        if (open.length === 0 && root !== null) fail(`expected one root element, got another, <${local}>`);
        const element: Open = { name: local, attributes: readAttributes(attributes!, fail), children: [], text: '', line: lineAt(at) };
        open[open.length - 1]?.children.push(element);
        root ??= element;
        if (!empty) open.push(element);
      }
    }
    at += markup.length;
  }
  const unclosed = open.pop();
  if (unclosed) fail(`expected the end of <${unclosed.name}>, opened in line ${unclosed.line}, got the end of the file`);
  return root ?? fail('expected an element, got nothing');
}

function readAttributes(written: string, fail: (message: string) => never): Map<string, string> {
  const attributes = new Map<string, string>();
  ATTRIBUTE.lastIndex = 0;
  for (let match = ATTRIBUTE.exec(written); match !== null; match = ATTRIBUTE.exec(written)) {
    const [, name, quoted] = match;
    if (attributes.has(name)) fail(`expected another attribute, got "${name}" twice`);
    attributes.set(name, decoded(quoted.slice(1, -1), fail));
  }
  return attributes;
}

function decoded(raw: string, fail: (message: string) => never): string {
  if (!raw.includes('&')) return raw;
  return raw.replace(/&([^;&\s]*;?)/g, (entity, inside: string) => {
    const known = inside.endsWith(';') ? ENTITIES[inside.slice(0, -1)] : undefined;
    if (known !== undefined) return known;
    const [, hex, decimal] = /^#(?:x([0-9a-f]{1,6})|(\d{1,7}));$/i.exec(inside) ?? [];
    const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
    return code > 0 && code <= 0x10ffff
      ? String.fromCodePoint(code)
      : fail(`expected an entity such as &amp; or &#233;, got ${show(entity)}`);
  });
}
