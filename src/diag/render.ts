/**
 * Diagnostics → text, for the command line alone.
 *
 *   trapline: failed to compile script slow.d: [D_AGG_NULL] line 3: aggregation @lat has no aggregating function
 *       3 |         @lat[execname];
 *         |         ^~~~~~~~~~~~~~
 *     note: …                                                      each with its own excerpt
 *     hint: …
 *
 * The first line is dtrace's, whole and greppable (behaviours.md 6); where a message has continuation lines they follow
 * it. The excerpt shows one line of the text: tabs keep their width in the caret line, control characters cannot reach
 * a terminal, and a long line is cut to a window around the place. Pure: no stream, no environment.
 */
import type { Diagnostic } from './diagnostics.ts';
import { physicalPosition, type SourceText, type Span } from './span.ts';

export interface RenderOptions {
  readonly prefix: string; // 'trapline: '
  readonly errtags: boolean;
  readonly color: boolean;
  /** The program that a compile error without a place is about. */
  readonly program: Pick<SourceText, 'kind' | 'name'> | undefined;
}

/** Longest part of a line shown; a terminal's 80 columns less the gutter would be too few for D. */
const EXCERPT_COLUMNS = 100;
/** Columns kept to the left of the place when a line is cut. */
const EXCERPT_CONTEXT = 40;
const ELLIPSIS = '…';
const GUTTER_DIGITS = 5;

/** The first diagnostic, as dtrace prints one; then how many there are besides. */
export function renderDiagnostics(list: readonly Diagnostic[], options: RenderOptions): string {
  const [first, ...others] = list;
  if (!first) return '';
  const rest =
    others.length === 0 ? '' : `  and ${others.length} more error${others.length === 1 ? '' : 's'}\n`;
  return renderDiagnostic(first, options) + rest;
}

export function renderDiagnostic(d: Diagnostic, options: RenderOptions): string {
  const lines = [options.prefix + headline(d, options)];
  if (d.span) lines.push(...excerpt(d.span, options));
  for (const note of d.notes) {
    lines.push(`  note: ${note.message}`);
    if (note.span) lines.push(...excerpt(note.span, options));
  }
  if (d.hint !== undefined && d.hint !== '') lines.push(`  ${paint('hint:', HINT_COLOR, options)} ${d.hint}`);
  return `${lines.join('\n')}\n`;
}

function headline(d: Diagnostic, options: RenderOptions): string {
  const text = d.message.replace(/\n$/, '');
  if (d.tag.startsWith('U_')) return text;
  const about = d.span?.text ?? options.program;
  const tag = options.errtags ? `[${d.tag}] ` : '';
  return `${about ? subject(about) : ''}${tag}${d.span ? place(d.span) : ''}${text}`;
}

function subject(text: Pick<SourceText, 'kind' | 'name'>): string {
  switch (text.kind) {
    case 'script':
      return `failed to compile script ${text.name}: `;
    case 'library':
      return `failed to compile library ${text.name}: `;
    case 'string':
      return `invalid probe specifier ${text.name}: `;
  }
}

/** `"file", line 3: `, `line 3: ` or `in action list: `; nothing in a string outside predicates and bodies (section 10.3). */
function place(span: Span): string {
  const { line, file } = presentedLine(span.text, span.start);
  if (file !== undefined) return `"${file}", line ${line}: `;
  if (span.text.kind !== 'string') return `line ${line}: `;
  const region = regionAt(span.text, span.start);
  return region === undefined || region === 'in probe description' ? '' : `${region}: `;
}

function regionAt(text: SourceText, offset: number): string | undefined {
  const region = text.regions.findLast((candidate) => candidate.start <= offset);
  if (!region) return undefined;
  // At the very end of the text an unfinished part is still what the message is about.
  return offset < region.end || offset >= text.text.trimEnd().length ? region.name : undefined;
}

/** Line number and file as `# N "file"` lines in the text would have them. */
export function presentedLine(text: SourceText, offset: number): { line: number; file: string | undefined } {
  const { line } = physicalPosition(text, offset);
  const passed = text.lineDirectives.filter((candidate) => candidate.start <= offset);
  const directive = passed.at(-1);
  if (!directive) return { line, file: undefined };
  const named = passed.findLast((candidate) => candidate.file !== undefined);
  const distance = line - physicalPosition(text, directive.start).line;
  return { line: directive.line + distance, file: named?.file };
}

function excerpt(span: Span, options: RenderOptions): string[] {
  const source = span.text.text;
  const start = Math.min(span.start, source.length);
  const lineStart = source.lastIndexOf('\n', start - 1) + 1;
  const newline = source.indexOf('\n', start);
  const line = source.slice(lineStart, newline === -1 ? source.length : newline).replace(/\r$/, '');
  if (line.trim() === '') return [];
  const from = Math.min(start - lineStart, line.length);
  const to = Math.min(Math.max(span.end - lineStart, from + 1), Math.max(line.length, from + 1));
  const shown = window(line, from, to);
  const number = String(presentedLine(span.text, start).line).padStart(GUTTER_DIGITS);
  const caret = paint(`^${'~'.repeat(Math.max(0, shown.to - shown.from - 1))}`, CARET_COLOR, options);
  const indent = printable(shown.text.slice(0, shown.from)).replace(/[^\t]/g, ' ');
  return [`${number} | ${printable(shown.text)}`, `${' '.repeat(GUTTER_DIGITS)} | ${indent}${caret}`];
}

/** The part of a line to show, and where the place lies in it. */
function window(line: string, from: number, to: number): { text: string; from: number; to: number } {
  if (line.length <= EXCERPT_COLUMNS) return { text: line, from, to };
  const begin = Math.max(0, Math.min(from - EXCERPT_CONTEXT, line.length - EXCERPT_COLUMNS));
  const end = Math.min(line.length, begin + EXCERPT_COLUMNS);
  const left = begin > 0 ? ELLIPSIS : '';
  const right = end < line.length ? ELLIPSIS : '';
  const shift = left.length - begin;
  return {
    text: left + line.slice(begin, end) + right,
    from: from + shift,
    to: Math.min(to, end) + shift,
  };
}

/** Same length, nothing a terminal would act on. */
function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this is about.
  return text.replace(/[\u0000-\u0008\u000a-\u001f\u007f-\u009f]/g, '?');
}

const CARET_COLOR = '1;31';
const HINT_COLOR = '36';

function paint(text: string, code: string, options: RenderOptions): string {
  return options.color ? `\u001b[${code}m${text}\u001b[0m` : text;
}
