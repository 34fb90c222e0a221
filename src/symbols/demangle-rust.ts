/**
 * Rust's two manglings.
 *
 *   legacy   _ZN 3foo 3bar 17h0123456789abcdef E          lengths and names, a hash last; $LT$ and the like for characters
 *   v0       _R NvCs1234_3foo 3bar                        a grammar of paths, types and constants with back references
 *
 * Out: paths as rustc writes them, without hashes. Both throw NotMangled for anything else.
 */
import { MAX_DEMANGLED, MAX_DEPTH, MAX_STEPS, NotMangled } from './demangle-limits.ts';

const LEGACY_ESCAPES: Readonly<Record<string, string>> = {
  SP: '@',
  BP: '*',
  RF: '&',
  LT: '<',
  GT: '>',
  LP: '(',
  RP: ')',
  C: ',',
};

export function demangleRustLegacy(mangled: string): string {
  const parts: string[] = [];
  let at = 3; // _ZN
  while (mangled[at] !== 'E') {
    const digits = /^[1-9][0-9]{0,4}/.exec(mangled.slice(at, at + 5))?.[0];
    if (digits === undefined) throw new NotMangled();
    const start = at + digits.length;
    at = start + Number(digits);
    if (at >= mangled.length) throw new NotMangled();
    parts.push(mangled.slice(start, at));
  }
  if (at !== mangled.length - 1) throw new NotMangled();
  parts.pop(); // the hash
  if (parts.length === 0) throw new NotMangled();
  return parts.map(legacyPart).join('::');
}

function legacyPart(part: string): string {
  const text = part.startsWith('_$') ? part.slice(1) : part;
  return text
    .replace(/\$([A-Z]{1,2})\$/g, (whole, name: string) => LEGACY_ESCAPES[name] ?? whole)
    .replace(/\$u([0-9a-f]{1,6})\$/g, (whole, hex: string) => character(Number.parseInt(hex, 16)) ?? whole)
    .replaceAll('..', '::');
}

function character(code: number): string | undefined {
  const isSurrogate = code >= 0xd800 && code < 0xe000;
  return code < 0x20 || code > 0x10ffff || isSurrogate ? undefined : String.fromCodePoint(code);
}

// ---------------------------------------------------------------------------------------------- v0

const BASIC_TYPES: Readonly<Record<string, string>> = {
  a: 'i8',
  b: 'bool',
  c: 'char',
  d: 'f64',
  e: 'str',
  f: 'f32',
  h: 'u8',
  i: 'isize',
  j: 'usize',
  l: 'i32',
  m: 'u32',
  n: 'i128',
  o: 'u128',
  p: '_',
  s: 'i16',
  t: 'u16',
  u: '()',
  v: '...',
  x: 'i64',
  y: 'u64',
  z: '!',
};

/** Letters of namespaces that are not names of their own in the source. */
const NAMESPACES: Readonly<Record<string, string>> = { C: 'closure', S: 'shim' };

export function demangleRustV0(mangled: string): string {
  const reader = new V0Reader(mangled);
  const path = reader.path(true);
  // A second path names the crate that instantiated a generic: nobody wants to read that.
  if (!reader.atEnd) reader.path(true);
  if (!reader.atEnd) throw new NotMangled();
  return path;
}

interface Identifier {
  readonly name: string;
  readonly disambiguator: number;
}

/** Positions in back references count from behind the `_R`. */
class V0Reader {
  private readonly text: string;
  private at = 0;
  private depth = 0;
  private steps = 0;
  private lifetimes = 0; // bound by enclosing `for<…>`

  constructor(mangled: string) {
    this.text = mangled.slice(2);
    if (!/^[A-Z]/.test(this.text)) throw new NotMangled(); // a digit would be an encoding of the future
  }

  get atEnd(): boolean {
    return this.at >= this.text.length;
  }

  /** `inValue`: generic arguments are written with a turbofish. */
  path(inValue: boolean): string {
    return this.nested(() => {
      const tag = this.take();
      switch (tag) {
        case 'C':
          return this.identifier().name;
        case 'M':
          this.implPath();
          return `<${this.type()}>`;
        case 'X': {
          this.implPath();
          return this.asTrait();
        }
        case 'Y':
          return this.asTrait();
        case 'N':
          return this.namespaced(inValue);
        case 'I': {
          const path = this.path(inValue);
          return `${path}${inValue ? '::' : ''}<${this.list(() => this.genericArgument()).join(', ')}>`;
        }
        case 'B':
          return this.back(() => this.path(inValue));
        default:
          throw new NotMangled();
      }
    });
  }

  private implPath(): void {
    this.disambiguator();
    this.path(false);
  }

  private asTrait(): string {
    const type = this.type();
    return `<${type} as ${this.path(false)}>`;
  }

  private namespaced(inValue: boolean): string {
    const namespace = this.take();
    if (!/[A-Za-z]/.test(namespace)) throw new NotMangled();
    const parent = this.path(inValue);
    const { name, disambiguator } = this.identifier();
    if (/[a-z]/.test(namespace)) return name === '' ? parent : `${parent}::${name}`;
    const kind = NAMESPACES[namespace] ?? namespace;
    return `${parent}::{${kind}${name === '' ? '' : `:${name}`}#${disambiguator}}`;
  }

  private genericArgument(): string {
    if (this.skip('L')) return this.lifetime(this.base62());
    return this.skip('K') ? this.constant() : this.type();
  }

  private type(): string {
    return this.nested(() => {
      const tag = this.take();
      const basic = BASIC_TYPES[tag];
      if (basic !== undefined) return basic;
      switch (tag) {
        case 'A': {
          const element = this.type();
          return `[${element}; ${this.constant()}]`;
        }
        case 'S':
          return `[${this.type()}]`;
        case 'T': {
          const types = this.list(() => this.type());
          return types.length === 1 ? `(${types[0]},)` : `(${types.join(', ')})`;
        }
        case 'R':
        case 'Q': {
          const name = this.skip('L') ? this.lifetime(this.base62()) : '';
          const lifetime = name === '' || name === "'_" ? '' : `${name} `;
          return `&${lifetime}${tag === 'Q' ? 'mut ' : ''}${this.type()}`;
        }
        case 'P':
          return `*const ${this.type()}`;
        case 'O':
          return `*mut ${this.type()}`;
        case 'F':
          return this.functionType();
        case 'D':
          return this.dynType();
        case 'B':
          return this.back(() => this.type());
        default:
          this.at--;
          return this.path(false);
      }
    });
  }

  private functionType(): string {
    return this.binding((binder) => {
      const unsafe = this.skip('U') ? 'unsafe ' : '';
      const abi = this.skip('K') ? `extern "${this.skip('C') ? 'C' : this.abiName()}" ` : '';
      const parameters = this.list(() => this.type()).join(', ');
      const result = this.type();
      return `${binder}${unsafe}${abi}fn(${parameters})${result === '()' ? '' : ` -> ${result}`}`;
    });
  }

  private abiName(): string {
    return this.plainIdentifier().replaceAll('_', '-');
  }

  private dynType(): string {
    const bounds = this.binding((binder) => binder + this.list(() => this.dynTrait()).join(' + '));
    if (!this.skip('L')) throw new NotMangled();
    const lifetime = this.lifetime(this.base62());
    return `dyn ${bounds}${lifetime === "'_" ? '' : ` + ${lifetime}`}`;
  }

  /** A trait and what its associated types are: `Iterator<Item = u8>`. */
  private dynTrait(): string {
    let path = this.path(false);
    while (this.skip('p')) {
      const name = this.plainIdentifier();
      const equation = `${name} = ${this.type()}`;
      path = path.endsWith('>') ? `${path.slice(0, -1)}, ${equation}>` : `${path}<${equation}>`;
    }
    return path;
  }

  private binding<T>(read: (binder: string) => T): T {
    const count = this.skip('G') ? this.base62() + 1 : 0;
    if (count > MAX_DEPTH) throw new NotMangled();
    this.lifetimes += count;
    const names = Array.from({ length: count }, (_, i) => this.lifetime(count - i));
    const result = read(count === 0 ? '' : `for<${names.join(', ')}> `);
    this.lifetimes -= count;
    return result;
  }

  /** De Bruijn index: 0 is erased, 1 the innermost. */
  private lifetime(index: number): string {
    if (index === 0) return "'_";
    const depth = this.lifetimes - index;
    if (depth < 0) throw new NotMangled();
    return depth < 26 ? `'${String.fromCharCode(0x61 + depth)}` : `'_${depth}`;
  }

  private constant(): string {
    return this.nested(() => {
      const tag = this.take();
      if (tag === 'p') return '_';
      if (tag === 'B') return this.back(() => this.constant());
      if (!'abchijlmnostxy'.includes(tag)) throw new NotMangled();
      const sign = this.skip('n') ? '-' : '';
      const end = this.text.indexOf('_', this.at);
      const digits = end < 0 ? '' : this.text.slice(this.at, end);
      if (!/^[0-9a-f]*$/.test(digits) || end < 0 || digits.length > 32) throw new NotMangled();
      this.at = end + 1;
      const value = BigInt(`0x${digits || '0'}`);
      if (tag === 'b' && value <= 1n) return value === 1n ? 'true' : 'false';
      return tag === 'c' ? characterText(value) : sign + value.toString();
    });
  }

  private identifier(): Identifier {
    const disambiguator = this.disambiguator();
    return { name: this.plainIdentifier(), disambiguator };
  }

  private disambiguator(): number {
    return this.skip('s') ? this.base62() + 1 : 0;
  }

  private plainIdentifier(): string {
    const isPunycode = this.skip('u');
    const digits = /^(0|[1-9][0-9]{0,4})/.exec(this.text.slice(this.at, this.at + 5))?.[0];
    if (digits === undefined) throw new NotMangled();
    this.at += digits.length;
    this.skip('_');
    const end = this.at + Number(digits);
    if (end > this.text.length) throw new NotMangled();
    const name = this.text.slice(this.at, end);
    this.at = end;
    return isPunycode ? decodePunycode(name) : name;
  }

  /** `_` is 0, `0_` is 1 and so on. */
  private base62(): number {
    const end = this.text.indexOf('_', this.at);
    if (end < 0 || end - this.at > MAX_BASE62) throw new NotMangled();
    if (this.skip('_')) return 0;
    let value = 0;
    for (; this.at < end; this.at++) {
      const digit = BASE62.indexOf(this.text[this.at]!);
      if (digit < 0) throw new NotMangled();
      value = value * 62 + digit;
    }
    this.at = end + 1;
    return value + 1;
  }

  private back<T>(read: () => T): T {
    const from = this.at - 1;
    const to = this.base62();
    if (to >= from) throw new NotMangled();
    const after = this.at;
    this.at = to;
    const result = read();
    this.at = after;
    return result;
  }

  private list<T>(read: () => T): T[] {
    const items: T[] = [];
    while (!this.skip('E')) items.push(read());
    return items;
  }

  private nested(read: () => string): string {
    if (++this.depth > MAX_DEPTH || ++this.steps > MAX_STEPS) throw new NotMangled();
    const result = read();
    this.depth--;
    if (result.length > MAX_DEMANGLED) throw new NotMangled();
    return result;
  }

  private take(): string {
    const char = this.text[this.at++];
    if (char === undefined) throw new NotMangled();
    return char;
  }

  private skip(char: string): boolean {
    if (this.text[this.at] !== char) return false;
    this.at++;
    return true;
  }
}

/** A 64-bit hash has eleven; only small numbers are ever shown. */
const MAX_BASE62 = 12;
const BASE62 = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';

function characterText(value: bigint): string {
  const text = value > 0x10ffffn ? undefined : character(Number(value));
  if (text === undefined) return `'\\u{${value.toString(16)}}'`;
  return text === "'" || text === '\\' ? `'\\${text}'` : `'${text}'`;
}

/** RFC 3492 with `_` for the last `-`: the ASCII characters, then where the others go. */
function decodePunycode(text: string): string {
  const split = text.lastIndexOf('_');
  const output = [...text.slice(0, Math.max(split, 0))].map((char) => char.codePointAt(0)!);
  let [code, index, bias] = [128, 0, 72];
  for (let at = split + 1; at < text.length; ) {
    const before = index;
    for (let [weight, base] = [1, 36]; ; base += 36) {
      const digit = 'abcdefghijklmnopqrstuvwxyz0123456789'.indexOf(text[at++] ?? '!');
      if (digit < 0 || index > MAX_PUNYCODE) throw new NotMangled();
      index += digit * weight;
      const threshold = Math.min(Math.max(base - bias, 1), 26);
      if (digit < threshold) break;
      weight *= 36 - threshold;
    }
    const length = output.length + 1;
    bias = adapted(index - before, length, before === 0);
    code += Math.floor(index / length);
    index %= length;
    if (character(code) === undefined) throw new NotMangled();
    output.splice(index++, 0, code);
  }
  return String.fromCodePoint(...output);
}

const MAX_PUNYCODE = 2 ** 31;

function adapted(delta: number, length: number, isFirst: boolean): number {
  let rest = isFirst ? Math.floor(delta / 700) : delta >> 1;
  rest += Math.floor(rest / length);
  let bias = 0;
  for (; rest > 455; bias += 36) rest = Math.floor(rest / 35);
  return bias + Math.floor((36 * rest) / (rest + 38));
}
