/** Text made fit for HTML and SVG, where four signs mean something else. */

const SIGNS: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

export function escapeText(text: string): string {
  // Control characters that no XML may have, even as an entity.
  return text.replace(/[^\P{Cc}\t\n\r]/gu, '').replace(/[&<>"]/g, (sign) => SIGNS[sign]);
}

/** A number and its unit stay on one line. */
export function unbroken(text: string): string {
  return text.replace(/(\d) (?=(?:%|[kMGT]?B|[kMG]|ms|s|min|h|msg\/s)(?![\w%]))/g, '$1\u00a0');
}
