/** Diagnostics as a user reads them: every character counts. */
import { describe, expect, test } from 'vitest';
import type { Diagnostic } from '../../src/diag/diagnostics.ts';
import { type RenderOptions, renderDiagnostic, renderDiagnostics } from '../../src/diag/render.ts';
import { type SourceText, sourceText } from '../../src/diag/span.ts';

const PLAIN: RenderOptions = { prefix: 'trapline: ', errtags: false, color: false, program: undefined };

/** A diagnostic about the first occurrence of `word` in `text`. */
function about(text: SourceText, word: string, message: string, extra: Partial<Diagnostic> = {}): Diagnostic {
  const start = text.text.indexOf(word);
  const span = { text, start, end: start + word.length };
  return { tag: 'D_SYNTAX', message, hint: undefined, span, notes: [], ...extra };
}

const script = (text: string): SourceText => sourceText('script', 'slow.d', text);

describe('scripts', () => {
  test('name, line, excerpt, hint', () => {
    const d = about(
      script('BEGIN\n{\n\t@lat[execname];\n}\n'),
      '@lat[execname]',
      'aggregation @lat has no function',
      {
        hint: 'assign one, for example @lat[...] = count()',
      },
    );
    expect(renderDiagnostic(d, PLAIN)).toBe(
      [
        'trapline: failed to compile script slow.d: line 3: aggregation @lat has no function',
        '    3 | \t@lat[execname];',
        '      | \t^~~~~~~~~~~~~~',
        '  hint: assign one, for example @lat[...] = count()',
        '',
      ].join('\n'),
    );
  });

  test('the tag stands before the place', () => {
    const d = about(script('BEGIN { x }'), 'x', 'no');
    expect(renderDiagnostic(d, { ...PLAIN, errtags: true }).split('\n')[0]).toBe(
      'trapline: failed to compile script slow.d: [D_SYNTAX] line 1: no',
    );
  });

  test('continuation lines of a message come before the excerpt', () => {
    const d = about(script('exit("a")'), '"a"', 'exit( ) argument #1 is wrong:\n\tprototype: int\n');
    expect(renderDiagnostic(d, PLAIN)).toBe(
      'trapline: failed to compile script slow.d: line 1: exit( ) argument #1 is wrong:\n\tprototype: int\n' +
        '    1 | exit("a")\n      |      ^~~\n',
    );
  });

  test('notes bring their own excerpt', () => {
    const text = script('int x;\nchar x;\n');
    const first = about(text, 'x', '').span;
    const second = { text, start: 12, end: 13 };
    const d: Diagnostic = {
      tag: 'D_SYNTAX',
      message: 'x redeclared',
      hint: undefined,
      span: second,
      notes: [{ message: 'first declared here', span: first }],
    };
    expect(renderDiagnostic(d, PLAIN)).toBe(
      [
        'trapline: failed to compile script slow.d: line 2: x redeclared',
        '    2 | char x;',
        '      |      ^',
        '  note: first declared here',
        '    1 | int x;',
        '      |     ^',
        '',
      ].join('\n'),
    );
  });

  test('line directives renumber, and name the file', () => {
    const text = script('# 40\nBEGIN\n# 7 "inc.h"\nbad\n# 9\nworse\n');
    text.lineDirectives.push({ start: 5, line: 40, file: undefined });
    text.lineDirectives.push({ start: 23, line: 7, file: 'inc.h' });
    text.lineDirectives.push({ start: 31, line: 9, file: undefined });
    const firstLine = (word: string) => renderDiagnostic(about(text, word, 'no'), PLAIN).split('\n')[0];
    expect(firstLine('BEGIN')).toBe('trapline: failed to compile script slow.d: line 40: no');
    expect(firstLine('bad')).toBe('trapline: failed to compile script slow.d: "inc.h", line 7: no');
    expect(firstLine('worse')).toBe('trapline: failed to compile script slow.d: "inc.h", line 9: no');
  });

  test('a library says that it is one', () => {
    const d = about(sourceText('library', 'lib/a.d', 'oops'), 'oops', 'no');
    expect(renderDiagnostic(d, PLAIN)).toMatch(
      /^trapline: failed to compile library lib\/a\.d: line 1: no\n/,
    );
  });
});

describe('strings', () => {
  const text = sourceText('string', 'BEGIN /x/ { trace(y) }', 'BEGIN /x/ { trace(y) }');
  text.regions.push({ start: 0, end: 6, name: 'in probe description' });
  text.regions.push({ start: 6, end: 9, name: 'in predicate' });
  text.regions.push({ start: 10, end: 22, name: 'in action list' });

  test.each([
    ['BEGIN', ''],
    ['x', 'in predicate: '],
    [' { ', ''], // between the parts
    ['y', 'in action list: '],
  ])('%j is %j', (word, region) => {
    expect(renderDiagnostic(about(text, word, 'no'), PLAIN).split('\n')[0]).toBe(
      `trapline: invalid probe specifier BEGIN /x/ { trace(y) }: ${region}no`,
    );
  });

  test('the end of an unfinished action list is still in it', () => {
    const open = sourceText('string', 'BEGIN { trace(', 'BEGIN { trace( ');
    open.regions.push({ start: 6, end: 15, name: 'in action list' });
    const d: Diagnostic = {
      tag: 'D_SYNTAX',
      message: 'unexpected end',
      hint: undefined,
      span: { text: open, start: 15, end: 15 },
      notes: [],
    };
    expect(renderDiagnostic(d, PLAIN)).toBe(
      'trapline: invalid probe specifier BEGIN { trace(: in action list: unexpected end\n' +
        '    1 | BEGIN { trace( \n      |                ^\n',
    );
  });
});

describe('excerpts', () => {
  const caretLine = (text: string, word: string): string[] =>
    renderDiagnostic(about(script(text), word, 'no'), PLAIN)
      .split('\n')
      .slice(1, 3);

  test('a span over several lines is underlined to the end of its first', () => {
    expect(caretLine('BEGIN { if\nmore }', 'if\nmore')).toEqual(['    1 | BEGIN { if', '      |         ^~']);
  });

  test('a carriage return is not shown', () => {
    expect(caretLine('oops\r\nx', 'oops')).toEqual(['    1 | oops', '      | ^~~~']);
  });

  test('control characters never reach the terminal', () => {
    expect(caretLine('a\u001b[2Jb oops', 'oops')).toEqual(['    1 | a?[2Jb oops', '      |        ^~~~']);
  });

  test('a long line is cut around the place, and the caret still points at it', () => {
    const [shown, caret] = caretLine(`${'a'.repeat(500)}oops${'b'.repeat(500)}`, 'oops');
    expect(shown!.length).toBe('    1 | '.length + 102);
    expect(shown!.slice(caret!.indexOf('^'), caret!.lastIndexOf('~') + 1)).toBe('oops');
  });

  test('a place longer than the window is underlined only as far as it is shown', () => {
    const [shown, caret] = caretLine(`x ${'y'.repeat(300)}`, 'y'.repeat(300));
    expect(caret!.length).toBeLessThanOrEqual(shown!.length);
  });

  test('an empty line has no excerpt', () => {
    const text = script('BEGIN {\n');
    const d = { ...about(text, 'B', 'unexpected end'), span: { text, start: 8, end: 8 } };
    expect(renderDiagnostic(d, PLAIN)).toBe(
      'trapline: failed to compile script slow.d: line 2: unexpected end\n',
    );
  });

  test('colour touches the caret and nothing else', () => {
    const d = about(script('oops'), 'oops', 'no');
    const colored = renderDiagnostic(d, { ...PLAIN, color: true });
    expect(colored).toContain('\u001b[1;31m^~~~\u001b[0m');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the escapes are the point.
    expect(colored.replace(/\u001b\[[0-9;]*m/g, '')).toBe(renderDiagnostic(d, PLAIN));
  });
});

describe('without a place', () => {
  const empty: Diagnostic = { tag: 'D_EMPTY', message: 'empty', hint: undefined, span: undefined, notes: [] };

  test('a compile error names the program it is told', () => {
    expect(renderDiagnostic(empty, { ...PLAIN, program: { kind: 'script', name: 'a.d' } })).toBe(
      'trapline: failed to compile script a.d: empty\n',
    );
  });

  test('usage errors are whole messages', () => {
    const d: Diagnostic = { ...empty, tag: 'U_OPEN', message: 'failed to open x: no', hint: 'look' };
    expect(renderDiagnostic(d, { ...PLAIN, errtags: true })).toBe(
      'trapline: failed to open x: no\n  hint: look\n',
    );
  });
});

test('only the first is printed, the others are counted', () => {
  const d: Diagnostic = { tag: 'U_OPEN', message: 'a', hint: undefined, span: undefined, notes: [] };
  expect(renderDiagnostics([d], PLAIN)).toBe('trapline: a\n');
  expect(renderDiagnostics([d, d], PLAIN)).toBe('trapline: a\n  and 1 more error\n');
  expect(renderDiagnostics([d, d, d], PLAIN)).toBe('trapline: a\n  and 2 more errors\n');
  expect(renderDiagnostics([], PLAIN)).toBe('');
});
