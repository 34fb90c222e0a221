import { describe, expect, test } from 'vitest';
import { parseFormat } from '../../src/dif/printf-format.ts';

const parse = (text: string) => parseFormat(new TextEncoder().encode(text));

/** Pieces as one line: literals in quotes, conversions as flags width.precision letters. */
function show(text: string): string {
  const format = parse(text);
  if ('error' in format) return `error: ${format.error}`;
  const words = format.pieces.map((piece) => {
    if (piece.kind === 'literal') return JSON.stringify(new TextDecoder().decode(piece.bytes));
    const flags = Object.entries(piece.flags).flatMap(([name, set]) => (set ? [name] : []));
    return [...flags, `${piece.width ?? ''}.${piece.precision ?? ''}${piece.letters}#${piece.index}`].join(
      '+',
    );
  });
  return words.join(' ');
}

describe('format strings become pieces', () => {
  test.each([
    ['', ''],
    ['plain\n', '"plain\\n"'],
    ['100%%', '"100%"'],
    ['%d', '.d#1'],
    ['a%db%s', '"a" .d#1 "b" .s#2'],
    ['%-10.3s', 'left+10.3s#1'],
    ['%08x', 'zero+8.x#1'],
    ['%-08x', 'zero+8.x#1'], // of a minus and a zero the last one wins
    ['%-0d', 'zero+.d#1'],
    ['%0-d', 'left+.d#1'],
    ["%#+ 'd", 'alternate+plus+space+group+.d#1'],
    ['%?p', 'pointerWidth+.p#1'],
    ['%*.*d', 'argument.argumentd#1'],
    ['%@d', 'aggregation+.d#1'],
    ['%@10d', 'aggregation+10.d#1'],
    ['%10@d', 'aggregation+10.d#1'],
    ['%10.3@d', 'aggregation+10.3d#1'],
    ['%lld %hx', '.lld#1 " " .hx#2'],
    ['%.0s', '.s#1'],
    ['%.s', '.s#1'],
    ['%% %% %u', '"% % " .u#1'],
  ])('%j', (text, shown) => {
    expect(show(text)).toBe(shown);
  });
});

describe('mistakes in a format string are worded', () => {
  test.each([
    ['%1$d', 'format conversion #1 uses unsupported positional format (%n$)'],
    ['%d %5%', 'format conversion #2 cannot be combined with other format flags: %%'],
    ['%-%', 'format conversion #1 cannot be combined with other format flags: %%'],
    ['%1.2.3d', "format conversion #1 has more than one '.' specified"],
    ['%**d', "format conversion #1 has more than one '*' specified for the output width"],
    ['%.**d', "format conversion #1 has more than one '*' specified for the output precision"],
    ['%', 'format conversion #1 name expected before end of format string'],
    ['%5', 'format conversion #1 name expected before end of format string'],
    ['%ll', 'format conversion #1 name expected before end of format string'],
    ['%n', 'format conversion #1 is undefined: %n'],
    ['%hhd', 'format conversion #1 is undefined: %hhd'],
    ['%zu', 'format conversion #1 is undefined: %z'],
    ['%99999999d', 'format conversion #1 is wider than 1048576 columns'],
  ])('%j', (text, error) => {
    expect(parse(text)).toEqual({ error });
  });
});
