/** A part of the page: what it does when something is told. Parts know nothing of each other; `main.ts` brings them together. */

import type { Frame, Status, Whole } from '../src/live/feed.js';

export interface Part {
  whole?(whole: Whole): void;
  frame?(frame: Frame): void;
  status?(status: Status): void;
}

/** An element of the page by its id; that it is there is the page's own affair. */
export function element<T extends Element = HTMLElement>(id: string): T {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`the page has no #${id}`);
  return found as unknown as T;
}

/** Sets a text only when it is another: a reader's screen reader is not told the same again. */
export function write(target: Element, text: string): void {
  if (target.textContent !== text) target.textContent = text;
}

export function make<K extends keyof HTMLElementTagNameMap>(tag: K, text = '', className = ''): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  if (text) made.textContent = text;
  if (className) made.className = className;
  return made;
}

/** People who asked their system for less motion get none. */
export const isStill = matchMedia('(prefers-reduced-motion: reduce)');
export const isDark = matchMedia('(prefers-color-scheme: dark)');

/** A colour of the style sheet, for canvases. */
export function colour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}
