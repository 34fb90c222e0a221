/**
 * Symbol listings in text: System.map, /proc/kallsyms, and what nm prints.
 *
 *   ffffffff81000000 T _stext                  System.map, kallsyms, nm
 *   ffffffffc0000000 t foo_init	[foo]         kallsyms: the module in brackets
 *   0000000000401126 0000000000000017 T main   nm -S: the size after the address
 *   main T 401126 17                           nm -P: name, type, address, size
 *                    U printf                  nm: undefined, so nothing is there
 *
 * In: the text. Out: rows in a builder, and what a caller needs to judge the file. Lines of other shapes are counted.
 */
import {
  type SymbolBinding,
  type SymbolKind,
  type SymbolTableBuilder,
  UNKNOWN_SIZE,
} from './symbol-table.ts';

export interface ListingFacts {
  readonly symbols: number; // lines that name something
  readonly others: number; // lines that are none of ours, empty ones apart
  readonly zeros: number; // symbols at address 0 that are no per-CPU offsets
}

/** nm's letters, small. */
const LETTERS: Readonly<Record<string, SymbolKind>> = {
  t: 'function',
  i: 'function', // GNU: chosen at load time
  w: 'function',
  v: 'data',
  a: 'absolute',
  b: 'data',
  c: 'data',
  d: 'data',
  g: 'data',
  n: 'data',
  r: 'data',
  s: 'data',
  u: 'data', // GNU: one in the whole process
};

/** Names that assemblers and compilers make for themselves. */
const INTERNAL_NAME = /^(\$[adtx](\.|$)|\.L|L\d)/;

/** `address [size] type name [module]` */
const BSD_LINE =
  /^ *([0-9a-fA-F]{1,16}) (?:([0-9a-fA-F]{1,16}) )?([A-Za-z?-]) ([^\t]+?)(?:\s+\[([^\]]+)\])?\s*$/;
const POSIX_LINE = /^(\S+) ([A-Za-z?-]) (?:([0-9a-fA-F]{1,16})(?: ([0-9a-fA-F]{1,16}))?)? *$/;
const UNDEFINED_LINE = /^ *[UwvN] \S/;

/** Whether `head`, the beginning of a file, reads as a listing. */
export function isListing(head: string): boolean {
  const lines = head.split('\n').slice(0, LINES_TO_JUDGE);
  const complete = lines.slice(0, head.endsWith('\n') || lines.length === LINES_TO_JUDGE ? undefined : -1);
  const judged = (complete.length > 0 ? complete : lines).filter((line) => line.trim() !== '');
  const fitting = judged.filter(
    (line) => BSD_LINE.test(line) || POSIX_LINE.test(line) || UNDEFINED_LINE.test(line),
  );
  return fitting.length > 0 && fitting.length * 2 >= judged.length;
}

const LINES_TO_JUDGE = 100;

/** Add the symbols of a listing; those without a module of their own belong to `module`. */
export function readListing(text: string, module: string, builder: SymbolTableBuilder): ListingFacts {
  let [symbols, others, zeros] = [0, 0, 0];
  for (let start = 0; start < text.length; ) {
    const newline = text.indexOf('\n', start);
    const end = newline === -1 ? text.length : newline;
    const added =
      fastLine(text, start, end, module, builder) ?? slowLine(text.slice(start, end), module, builder);
    if (added === 'symbol' || added === 'zero') symbols++;
    if (added === 'zero') zeros++;
    if (added === 'other') others++;
    start = end + 1;
  }
  return { symbols, others, zeros };
}

type Line = 'symbol' | 'zero' | 'nothing' | 'other';

const HEX_DIGITS = 16;
const [SPACE, TAB] = [0x20, 0x09];

/**
 * `16 digits, blank, letter, blank, name`: nearly every line of the long listings, read without a regular expression.
 * Undefined for lines of any other form.
 */
function fastLine(
  text: string,
  start: number,
  end: number,
  module: string,
  builder: SymbolTableBuilder,
): Line | undefined {
  const name = start + HEX_DIGITS + 3;
  if (end <= name || text.charCodeAt(start + HEX_DIGITS) !== SPACE || text.charCodeAt(name - 1) !== SPACE) {
    return undefined;
  }
  const high = hexWord(text, start);
  const low = hexWord(text, start + 8);
  if (high < 0 || low < 0) return undefined;
  let stop = name;
  while (stop < end && text.charCodeAt(stop) > SPACE) stop++;
  const letter = text[name - 2]!;
  if (stop === end) return addSymbol(builder, module, text.slice(name, end), letter, high, low, UNKNOWN_SIZE);
  // kallsyms: a tab, then the module in brackets
  if (text.charCodeAt(stop) !== TAB || text[stop + 1] !== '[' || text[end - 1] !== ']') return undefined;
  const owner = text.slice(stop + 2, end - 1);
  return addSymbol(builder, owner, text.slice(name, stop), letter, high, low, UNKNOWN_SIZE);
}

/** Eight hexadecimal digits as an unsigned number; -1 when they are none. */
function hexWord(text: string, start: number): number {
  let value = 0;
  for (let at = start; at < start + 8; at++) {
    const code = text.charCodeAt(at);
    const digit = code <= 0x39 ? code - 0x30 : (code | 0x20) - 0x57;
    if (!(digit >= 0 && digit < 16) || (code > 0x39 && digit < 10)) return -1;
    value = (value << 4) | digit;
  }
  return value >>> 0;
}

function slowLine(line: string, module: string, builder: SymbolTableBuilder): Line {
  if (line.trim() === '') return 'nothing';
  const bsd = BSD_LINE.exec(line);
  if (bsd) return addText(builder, bsd[5] ?? module, bsd[4]!, bsd[3]!, bsd[1]!, bsd[2]);
  if (UNDEFINED_LINE.test(line)) return 'nothing';
  const posix = POSIX_LINE.exec(line);
  if (!posix) return 'other';
  return posix[3] === undefined
    ? 'nothing'
    : addText(builder, module, posix[1]!, posix[2]!, posix[3], posix[4]);
}

function addText(
  builder: SymbolTableBuilder,
  module: string,
  name: string,
  letter: string,
  address: string,
  size: string | undefined,
): Line {
  const digits = address.padStart(HEX_DIGITS, '0');
  const sizeBytes = size === undefined ? UNKNOWN_SIZE : Number.parseInt(size, 16);
  return addSymbol(builder, module, name, letter, hexWord(digits, 0), hexWord(digits, 8), sizeBytes);
}

function addSymbol(
  builder: SymbolTableBuilder,
  module: string,
  name: string,
  letter: string,
  high: number,
  low: number,
  size: number,
): Line {
  const meaning = MEANINGS[letter];
  if (meaning === undefined) return NAMELESS_LETTERS.includes(letter) ? 'nothing' : 'other';
  const first = name.charCodeAt(0);
  if ((first === DOLLAR || first === DOT || first === CAPITAL_L) && INTERNAL_NAME.test(name))
    return 'nothing';
  builder.add(module, name, high, low, size, meaning.kind, meaning.binding);
  return high === 0 && low === 0 && meaning.kind !== 'absolute' ? 'zero' : 'symbol';
}

const [DOLLAR, DOT, CAPITAL_L] = [0x24, 0x2e, 0x4c];
/** Undefined, debugging and unknown symbols. */
const NAMELESS_LETTERS = 'UN?-';

interface Meaning {
  readonly kind: SymbolKind;
  readonly binding: SymbolBinding;
}

/** A capital is global; so are the two letters that have none. */
const MEANINGS: Readonly<Record<string, Meaning>> = Object.fromEntries(
  Object.entries(LETTERS)
    .flatMap(([letter, kind]): [string, Meaning][] => {
      const weak = 'wv'.includes(letter) ? 'weak' : undefined;
      const small = weak ?? ('ui'.includes(letter) ? 'global' : 'local');
      return [
        [letter, { kind, binding: small }],
        [letter.toUpperCase(), { kind, binding: weak ?? 'global' }],
      ];
    })
    .filter(([letter]) => !NAMELESS_LETTERS.includes(letter)),
);
