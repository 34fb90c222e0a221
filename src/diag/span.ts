/** Places in source texts. */

/** Half-open range of character (UTF-16) offsets into `text.text`. */
export interface Span {
  readonly text: SourceText;
  readonly start: number;
  readonly end: number;
}

/** A clause part, named as dtrace names it in messages about command-line programs. */
export interface Region {
  readonly start: number;
  readonly end: number;
  readonly name: 'in probe description' | 'in predicate' | 'in action list';
}

/** `# N "file"` lines renumber what follows: from offset `start` the line is `line`, in `file` if given. */
export interface LineDirective {
  readonly start: number;
  readonly line: number;
  readonly file: string | undefined;
}

/**
 * One program text and what is needed to talk about places in it. `regions` and `lineDirectives` are
 * filled by the parser as it meets them, in increasing order of `start`.
 */
export interface SourceText {
  readonly kind: 'script' | 'string' | 'library';
  readonly name: string; // path of a script or library; the whole text of a command-line program
  readonly text: string;
  readonly regions: Region[];
  readonly lineDirectives: LineDirective[];
}

export function sourceText(kind: SourceText['kind'], name: string, text: string): SourceText {
  return { kind, name, text, regions: [], lineDirectives: [] };
}

/** 1-based line and column of an offset, counted in the text itself (line directives not applied). */
export function physicalPosition(text: SourceText, offset: number): { line: number; column: number } {
  let line = 1;
  let lineStart = 0;
  for (let i = text.text.indexOf('\n'); i !== -1 && i < offset; i = text.text.indexOf('\n', i + 1)) {
    line++;
    lineStart = i + 1;
  }
  return { line, column: offset - lineStart + 1 };
}
