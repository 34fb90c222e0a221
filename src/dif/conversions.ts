/**
 * printf conversions, one table: size letters and letter → what argument it takes, how messages name that, how it prints.
 *
 * The format parser accepts exactly these names, the checker holds arguments against `accepts` and quotes `prototype`
 * (d-language.md 8.2, 8.3), the consumer renders by `renders`. Size letters never change the output: a value prints at
 * its argument's own size (behaviours.md 27), so `%hd` and `%lld` differ from `%d` only in what a strict reading accepts.
 *
 * Argument classes:
 *   integer       any integer, enums included            pointer      any pointer
 *   smallInteger  an integer of at most 4 bytes          port         an integer of exactly 2 bytes
 *   time          an integer of exactly 8 bytes          float        float, double, long double
 *   string        string or an array of char             wideString   an array of a 4-byte integer
 *   symaddr       result of sym() func() mod()           usymaddr     result of usym() ufunc() umod() uaddr()
 *   stack         result of stack() ustack() jstack()
 */
export type ArgumentClass =
  | 'integer'
  | 'pointer'
  | 'smallInteger'
  | 'port'
  | 'time'
  | 'float'
  | 'string'
  | 'wideString'
  | 'symaddr'
  | 'usymaddr'
  | 'stack';

export type Rendering =
  | 'decimal' // signed or unsigned as the argument's type says
  | 'signed'
  | 'unsigned'
  | 'octal'
  | 'hex'
  | 'upperHex'
  | 'float'
  | 'character'
  | 'escapedCharacter'
  | 'string'
  | 'escapedString'
  | 'wideString'
  | 'inetAddress'
  | 'address'
  | 'userAddress'
  | 'pointer'
  | 'port'
  | 'stack'
  | 'mailTime' // %T
  | 'traceTime'; // %Y

export interface ConversionDef {
  readonly accepts: readonly ArgumentClass[]; // any of them
  readonly prototype: string; // what messages say was expected
  readonly renders: Rendering;
  readonly doc: string;
}

const INTEGER = ['integer'] as const;
const FLOAT = ['float'] as const;
const STRING = ['string'] as const;
const ANY_INTEGER = 'char, short, int, long, or long long';
const ANY_STRING = 'char [] or string (or use stringof)';
const ANY_FLOAT = 'float, double, or long double';

function integer(renders: Rendering, prototype: string, doc: string): ConversionDef {
  return { accepts: INTEGER, prototype, renders, doc };
}

function float(prototype: string, doc: string): ConversionDef {
  return { accepts: FLOAT, prototype, renders: 'float', doc };
}

export const CONVERSIONS = {
  a: {
    accepts: ['pointer', 'integer', 'symaddr'],
    prototype: 'pointer or integer',
    renders: 'address',
    doc: 'kernel address as module`symbol+offset',
  },
  A: {
    accepts: ['usymaddr', 'pointer', 'integer'],
    prototype: 'pointer or integer (with -p/-c) or _usymaddr (without -p/-c)',
    renders: 'userAddress',
    doc: 'user address as module`symbol+offset',
  },
  c: {
    accepts: ['smallInteger'],
    prototype: 'char, short, or int',
    renders: 'character',
    doc: 'the low byte as a character',
  },
  C: {
    accepts: ['smallInteger'],
    prototype: 'char, short, or int',
    renders: 'escapedCharacter',
    doc: 'a character, or its escape',
  },
  d: integer('decimal', ANY_INTEGER, 'decimal, signed as its type is'),
  i: integer('signed', ANY_INTEGER, 'decimal, always signed'),
  o: integer('octal', ANY_INTEGER, 'octal'),
  u: integer('unsigned', ANY_INTEGER, 'decimal, always unsigned'),
  x: integer('hex', ANY_INTEGER, 'hexadecimal'),
  X: integer('upperHex', ANY_INTEGER, 'hexadecimal in capitals'),
  hd: integer('decimal', 'short', 'as %d'),
  hi: integer('signed', 'short', 'as %i'),
  ho: integer('octal', 'unsigned short', 'as %o'),
  hu: integer('unsigned', 'unsigned short', 'as %u'),
  hx: integer('hex', 'short', 'as %x'),
  hX: integer('upperHex', 'short', 'as %X'),
  ld: integer('decimal', 'long', 'as %d'),
  li: integer('signed', 'long', 'as %i'),
  lo: integer('octal', 'unsigned long', 'as %o'),
  lu: integer('unsigned', 'unsigned long', 'as %u'),
  lx: integer('hex', 'long', 'as %x'),
  lX: integer('upperHex', 'long', 'as %X'),
  lld: integer('decimal', 'long long', 'as %d'),
  lli: integer('signed', 'long long', 'as %i'),
  llo: integer('octal', 'unsigned long long', 'as %o'),
  llu: integer('unsigned', 'unsigned long long', 'as %u'),
  llx: integer('hex', 'long long', 'as %x'),
  llX: integer('upperHex', 'long long', 'as %X'),
  e: float(ANY_FLOAT, 'd.ddde±dd'),
  E: float(ANY_FLOAT, 'd.dddE±dd'),
  f: float(ANY_FLOAT, 'ddd.ddd'),
  g: float(ANY_FLOAT, '%e or %f, whichever is shorter'),
  G: float(ANY_FLOAT, '%E or %f, whichever is shorter'),
  Le: float('long double', 'as %e'),
  LE: float('long double', 'as %E'),
  Lf: float('long double', 'as %f'),
  Lg: float('long double', 'as %g'),
  LG: float('long double', 'as %G'),
  lc: integer('character', 'int', 'a wide character'),
  wc: integer('character', 'int', 'a wide character'),
  ls: { accepts: ['wideString'], prototype: 'wchar_t []', renders: 'wideString', doc: 'a wide string' },
  ws: { accepts: ['wideString'], prototype: 'wchar_t []', renders: 'wideString', doc: 'a wide string' },
  I: { accepts: STRING, prototype: ANY_STRING, renders: 'inetAddress', doc: 'a textual IP address' },
  k: { accepts: ['stack'], prototype: 'stack', renders: 'stack', doc: 'a stack; %-Nk indents by N' },
  p: {
    accepts: ['pointer', 'integer'],
    prototype: 'pointer or integer',
    renders: 'pointer',
    doc: 'hexadecimal without 0x',
  },
  P: { accepts: ['port'], prototype: 'uint16_t', renders: 'port', doc: 'a port in network byte order' },
  s: { accepts: STRING, prototype: ANY_STRING, renders: 'string', doc: 'bytes up to the NUL' },
  S: { accepts: STRING, prototype: ANY_STRING, renders: 'escapedString', doc: 'as %s, with escapes' },
  T: {
    accepts: ['time'],
    prototype: 'int64_t',
    renders: 'mailTime',
    doc: 'nanoseconds since 1970 as Mon, 03 Dec 1973 17:20:00 CET',
  },
  Y: {
    accepts: ['time'],
    prototype: 'int64_t',
    renders: 'traceTime',
    doc: 'nanoseconds since 1970 as 1973 Dec  3 17:20:00',
  },
} as const satisfies Record<string, ConversionDef>;

export type ConversionName = keyof typeof CONVERSIONS;

/** The row of a conversion's letters. */
export function conversionNamed(letters: string): ConversionDef | undefined {
  return Object.hasOwn(CONVERSIONS, letters) ? CONVERSIONS[letters as ConversionName] : undefined;
}
