/**
 * HTML as values: `html` is a template whose holes are escaped, so what a log or a file name says can never become markup.
 *
 * A hole takes text, numbers, other markup, and lists of these; `undefined` is nothing. `raw` is for our own style sheet
 * and scripts alone.
 */
export interface Markup {
  readonly markup: string;
}

export type Hole = string | number | bigint | Markup | readonly Markup[] | undefined;

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
/** No document may hold these, however they are written. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROLS = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f]/g;

export function html(parts: TemplateStringsArray, ...holes: readonly Hole[]): Markup {
  const text = parts.map((part, i) => (i === 0 ? part : filled(holes[i - 1]) + part));
  return { markup: text.join('') };
}

export function raw(markup: string): Markup {
  return { markup };
}

export const NOTHING: Markup = { markup: '' };

function filled(hole: Hole): string {
  if (hole === undefined) return '';
  if (typeof hole !== 'object') return escapeHtml(String(hole));
  return 'markup' in hole ? hole.markup : hole.map(({ markup }) => markup).join('');
}

export function escapeHtml(text: string): string {
  return text.replace(CONTROLS, '\ufffd').replace(/[&<>"']/g, (character) => ESCAPES[character]!);
}

/** 30,389: the same wherever the report is made. */
export function grouped(count: number): string {
  return count.toLocaleString('en-US');
}

export function percent(part: number, whole: number): string {
  return whole === 0 ? '0.0 %' : `${((100 * part) / whole).toFixed(1)} %`;
}

/** A bar that fills its cell up to the share of the longest one; what it means is in the cell beside it. */
export function bar(value: number, most: number, kind: string): Markup {
  const share = most === 0 ? 0 : (100 * value) / most;
  // Whatever happened is seen, however seldom it was.
  const width = value > 0 ? Math.max(share, 0.7) : 0;
  return html`<td class="bar" aria-hidden="true"><svg width="100%" height="10"><rect class="${kind}" width="${width.toFixed(1)}%" height="10" rx="2"/></svg></td>`;
}
