/** The preprocessor for any text: it ends, it never throws, and it keeps every line at its number (src/preprocess). */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Diagnostics } from '../../src/diag/diagnostics.ts';
import { sourceText } from '../../src/diag/span.ts';
import { preprocess } from '../../src/preprocess/preprocess.ts';

const WORDS = [
  ...[
    '#',
    '##',
    '#if',
    '#ifdef',
    '#ifndef',
    '#elif',
    '#else',
    '#endif',
    '#define',
    '#undef',
    '#include',
    '#line',
  ],
  ...['#error', '#pragma once', '# 3 "f"', 'defined', '__LINE__', '__FILE__', '__VA_ARGS__', '__COUNTER__'],
  ...[
    'A',
    'B',
    'f',
    'g',
    'A(',
    'f(',
    'g(x)',
    'f(x, y)',
    'f(...)',
    ')',
    '(',
    ',',
    '...',
    '"h"',
    '<h>',
    '"',
    "'",
  ],
  ...[
    '0',
    '1',
    '1/0',
    '0x',
    '?',
    ':',
    '&&',
    '||',
    '!',
    '~',
    '-',
    '<<',
    '==',
    '/*',
    '*/',
    '//',
    '\\\n',
    '\n',
    '\n',
  ],
  ...['\n#define ', '\n#if ', '\n#endif\n', '$1', '@a', '`', '{', '}', '\r\n', '\0', '\u00e9', '\ud800', 'x'],
];

function run(text: string): { readonly text: string; readonly failed: boolean } {
  const diags = new Diagnostics();
  const output = preprocess(sourceText('script', 'x.d', text), diags, {
    defines: ['A=f(A, B)', 'f(x,y)=x##y #x g'],
    undefines: [],
    includeDirectories: ['.'],
    dialect: 'a',
    wallMs: 0,
    readFile: (path) => (path.length < 3 ? text : undefined),
  });
  return { text: output, failed: diags.failed };
}

describe('any text', () => {
  test('of the words of preprocessing ends in text and diagnostics', () => {
    const soup = fc.array(fc.constantFrom(...WORDS), { maxLength: 80 });
    fc.assert(
      fc.property(soup, fc.constantFrom('', ' '), (words, glue) => {
        expect(typeof run(words.join(glue)).text).toBe('string');
      }),
      { numRuns: 1000, seed: 3 },
    );
  });

  test('of any characters, too', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
        expect(typeof run(text).text).toBe('string');
      }),
      { numRuns: 500, seed: 3 },
    );
  });
});

test('text without directives and macros stays, and so do its lines', () => {
  const line = fc.stringMatching(/^[a-z0-9 +*()=;{}.:-]{0,20}$/);
  fc.assert(
    fc.property(fc.array(line, { minLength: 1 }), (lines) => {
      const text = `${lines.join('\n')}\n`;
      fc.pre(!/[fg]/.test(text));
      expect(run(text)).toEqual({ text: `# 1 "x.d"\n${text}`, failed: false });
    }),
    { numRuns: 300, seed: 3 },
  );
});

test('__LINE__ is the line, whatever stands before it', () => {
  const before = fc.constantFrom(
    ...['', 'text', '/* a\nb */', 'a \\\n b', '#define M 1', '#if 0\nx\n#endif', '#if 1\nx\n#else\n#endif'],
    ...['#define M(a) a\nM(1\n)', '#include "none"', '#pragma x', '// a \\\n b', '#define N \\\n 2'],
  );
  fc.assert(
    fc.property(fc.array(before), (parts) => {
      const text = [...parts, 'mark __LINE__', ''].join('\n');
      const wanted = text.slice(0, text.indexOf('mark')).split('\n').length;
      const output = run(text).text;
      expect(output).toContain(`mark ${wanted}\n`);
      const physical = output.slice(0, output.indexOf('mark')).split('\n').length;
      expect(physical - 1).toBe(wanted); // the marker on the first line
    }),
    { numRuns: 300, seed: 3 },
  );
});
