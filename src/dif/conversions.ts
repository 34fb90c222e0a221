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
 *   stack         result of stack() ustack() jstack()    targetAddress  an integer or pointer, when there is a $target
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
  | 'targetAddress'
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
  | 'wideCharacter'
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
  readonly example: string; // a statement that uses it
}

const INTEGER = ['integer'] as const;
const FLOAT = ['float'] as const;
const STRING = ['string'] as const;
const ANY_INTEGER = 'char, short, int, long, or long long';
const ANY_STRING = 'char [] or string (or use stringof)';
const ANY_FLOAT = 'float, double, or long double';

function integer(renders: Rendering, prototype: string, doc: string, example: string): ConversionDef {
  return { accepts: INTEGER, prototype, renders, doc, example };
}

/** D has no floating-point constants: only a value in memory of such a type can be printed. */
function float(prototype: string, doc: string, example: string): ConversionDef {
  return { accepts: FLOAT, prototype, renders: 'float', doc, example };
}

export const CONVERSIONS = {
  a: {
    accepts: ['pointer', 'integer', 'symaddr'],
    prototype: 'pointer or integer',
    renders: 'address',
    doc: 'kernel address as module`symbol+offset',
    example: 'printf("%a", pc)',
  },
  A: {
    accepts: ['usymaddr', 'targetAddress'],
    prototype: 'pointer or integer (with -p/-c) or _usymaddr (without -p/-c)',
    renders: 'userAddress',
    doc: 'user address as module`symbol+offset',
    example: 'printf("%A", usym(arg0))',
  },
  c: {
    accepts: ['smallInteger'],
    prototype: 'char, short, or int',
    renders: 'character',
    doc: 'the low byte as a character',
    example: 'printf("%c", \'x\')',
  },
  C: {
    accepts: ['smallInteger'],
    prototype: 'char, short, or int',
    renders: 'escapedCharacter',
    doc: 'a character, or its escape',
    example: 'printf("%C", \'\\n\')',
  },
  d: integer('decimal', ANY_INTEGER, 'decimal, signed as its type is', 'printf("%5d", pid)'),
  i: integer('signed', ANY_INTEGER, 'decimal, always signed', 'printf("%i", (unsigned)-1)'),
  o: integer('octal', ANY_INTEGER, 'octal', 'printf("%#o", 8)'),
  u: integer('unsigned', ANY_INTEGER, 'decimal, always unsigned', 'printf("%u", -1)'),
  x: integer('hex', ANY_INTEGER, 'hexadecimal', 'printf("%#x", arg0)'),
  X: integer('upperHex', ANY_INTEGER, 'hexadecimal in capitals', 'printf("%X", 0xbeef)'),
  hd: integer('decimal', 'short', 'as %d', 'printf("%hd", (short)-1)'),
  hi: integer('signed', 'short', 'as %i', 'printf("%hi", (short)-1)'),
  ho: integer('octal', 'unsigned short', 'as %o', 'printf("%ho", (unsigned short)8)'),
  hu: integer('unsigned', 'unsigned short', 'as %u', 'printf("%hu", (unsigned short)8)'),
  hx: integer('hex', 'short', 'as %x', 'printf("%hx", (short)-1)'),
  hX: integer('upperHex', 'short', 'as %X', 'printf("%hX", (short)-1)'),
  ld: integer('decimal', 'long', 'as %d', 'printf("%ld", (long)-1)'),
  li: integer('signed', 'long', 'as %i', 'printf("%li", (long)-1)'),
  lo: integer('octal', 'unsigned long', 'as %o', 'printf("%lo", (unsigned long)8)'),
  lu: integer('unsigned', 'unsigned long', 'as %u', 'printf("%lu", (unsigned long)8)'),
  lx: integer('hex', 'long', 'as %x', 'printf("%lx", (long)255)'),
  lX: integer('upperHex', 'long', 'as %X', 'printf("%lX", (long)255)'),
  lld: integer('decimal', 'long long', 'as %d', 'printf("%lld", (long long)-1)'),
  lli: integer('signed', 'long long', 'as %i', 'printf("%lli", (long long)-1)'),
  llo: integer('octal', 'unsigned long long', 'as %o', 'printf("%llo", (unsigned long long)8)'),
  llu: integer('unsigned', 'unsigned long long', 'as %u', 'printf("%llu", (unsigned long long)8)'),
  llx: integer('hex', 'long long', 'as %x', 'printf("%llx", timestamp)'),
  llX: integer('upperHex', 'long long', 'as %X', 'printf("%llX", (long long)255)'),
  e: float(ANY_FLOAT, 'd.ddde±dd', 'printf("%e", *(double *)alloca(16))'),
  E: float(ANY_FLOAT, 'd.dddE±dd', 'printf("%E", *(double *)alloca(16))'),
  f: float(ANY_FLOAT, 'ddd.ddd', 'printf("%f", *(float *)alloca(16))'),
  g: float(ANY_FLOAT, '%e or %f, whichever is shorter', 'printf("%g", *(double *)alloca(16))'),
  G: float(ANY_FLOAT, '%E or %f, whichever is shorter', 'printf("%G", *(double *)alloca(16))'),
  Le: float('long double', 'as %e', 'printf("%Le", *(long double *)alloca(16))'),
  LE: float('long double', 'as %E', 'printf("%LE", *(long double *)alloca(16))'),
  Lf: float('long double', 'as %f', 'printf("%Lf", *(long double *)alloca(16))'),
  Lg: float('long double', 'as %g', 'printf("%Lg", *(long double *)alloca(16))'),
  LG: float('long double', 'as %G', 'printf("%LG", *(long double *)alloca(16))'),
  lc: integer('wideCharacter', 'int', 'a wide character', 'printf("%lc", 0xe9)'),
  wc: integer('wideCharacter', 'int', 'a wide character', 'printf("%wc", 0xe9)'),
  ls: {
    accepts: ['wideString'],
    prototype: 'wchar_t []',
    renders: 'wideString',
    doc: 'a wide string',
    example: 'printf("%ls", *(int (*)[4])alloca(16))',
  },
  ws: {
    accepts: ['wideString'],
    prototype: 'wchar_t []',
    renders: 'wideString',
    doc: 'a wide string',
    example: 'printf("%ws", *(int (*)[4])alloca(16))',
  },
  I: {
    accepts: STRING,
    prototype: ANY_STRING,
    renders: 'inetAddress',
    doc: 'a textual IP address',
    example: 'printf("%I", inet_ntoa((ipaddr_t *)alloca(4)))',
  },
  k: {
    accepts: ['stack'],
    prototype: 'stack',
    renders: 'stack',
    doc: 'a stack; %-Nk indents by N',
    example: 'printf("%k", stack(1))',
  },
  p: {
    accepts: ['pointer', 'integer'],
    prototype: 'pointer or integer',
    renders: 'pointer',
    doc: 'hexadecimal without 0x',
    example: 'printf("%p", arg0)',
  },
  P: {
    accepts: ['port'],
    prototype: 'uint16_t',
    renders: 'port',
    doc: 'a port in network byte order',
    example: 'printf("%P", htons(80))',
  },
  s: {
    accepts: STRING,
    prototype: ANY_STRING,
    renders: 'string',
    doc: 'bytes up to the NUL',
    example: 'printf("%-8s|", probename)',
  },
  S: {
    accepts: STRING,
    prototype: ANY_STRING,
    renders: 'escapedString',
    doc: 'as %s, with escapes',
    example: 'printf("%S", "tab\\t")',
  },
  T: {
    accepts: ['time'],
    prototype: 'int64_t',
    renders: 'mailTime',
    doc: 'nanoseconds since 1970 as Mon, 03 Dec 1973 17:20:00 CET',
    example: 'printf("%T", walltimestamp)',
  },
  Y: {
    accepts: ['time'],
    prototype: 'int64_t',
    renders: 'traceTime',
    doc: 'nanoseconds since 1970 as 1973 Dec  3 17:20:00',
    example: 'printf("%Y", walltimestamp)',
  },
} as const satisfies Record<string, ConversionDef>;

export type ConversionName = keyof typeof CONVERSIONS;

/** The row of a conversion's letters. */
export function conversionNamed(letters: string): ConversionDef | undefined {
  return Object.hasOwn(CONVERSIONS, letters) ? CONVERSIONS[letters as ConversionName] : undefined;
}
