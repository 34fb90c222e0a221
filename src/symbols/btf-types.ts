/**
 * BTF entries → D types, each when it is first asked for.
 *
 * In: one image (btf.ts). Out: Types of src/types, one object per entry. A struct or union is made without its members;
 * they are converted when somebody looks at them, so naming `struct task_struct` converts some dozens of types and not
 * all that can be reached from it. Members of unnamed structs and unions inside are the outer type's own members, as
 * C has it. Pointers of a 32-bit kernel are unsigned ints, since a D pointer has 8 bytes.
 *
 * Damaged images: what does not exist or leads in a circle is void, members without a size are left out.
 */
import { FLOATS, INT, INTEGERS, UNSIGNED_INT, UNSIGNED_LONG, VOID } from '../types/intrinsic.ts';
import { alignOf } from '../types/layout.ts';
import { resolve } from '../types/relations.ts';
import type { EnumType, FunctionType, IntType, Member, RecordType, Type } from '../types/type.ts';
import { BTF_KINDS, type Btf, type BtfEntry } from './btf.ts';

/** Types within types by value or through pointers: C programs have a dozen levels at most. */
const MAX_NESTING = 64;

const ENCODING_SIGNED = 1;
const ENCODING_BOOL = 4;

export class BtfTypes {
  readonly btf: Btf;
  private readonly base: BtfTypes | undefined;
  private readonly known = new Map<number, Type>();
  private readonly pointerBytes: number;
  private nesting = 0;

  constructor(btf: Btf, base?: BtfTypes) {
    this.btf = btf;
    this.base = base;
    this.pointerBytes = base?.pointerBytes ?? pointerBytesOf(btf);
  }

  type(id: number): Type {
    if (this.btf.holderOf(id) !== this.btf && this.base !== undefined) return this.base.type(id);
    const known = this.known.get(id);
    if (known !== undefined) return known;
    const entry = this.btf.entry(id);
    if (entry === undefined || this.nesting > MAX_NESTING) return VOID;
    this.known.set(id, VOID); // what a circle finds
    const made = this.nested(() => this.convert(entry), VOID);
    this.known.set(id, made);
    return made;
  }

  /** Names and types of a function's parameters; the last name is '...' when more may follow. */
  parameters(prototypeId: number): readonly { readonly name: string; readonly type: Type }[] {
    const holder = this.btf.holderOf(prototypeId);
    const entry = this.btf.entry(prototypeId);
    if (entry?.kind !== BTF_KINDS.prototype) return [];
    return elements(entry, 8).map((at) => {
      const [name, type] = [holder.string(holder.u32(at)), holder.u32(at + 4)];
      return type === 0 ? { name: '...', type: VOID } : { name, type: this.type(type) };
    });
  }

  private nested<T>(convert: () => T, tooDeep: T): T {
    if (this.nesting > MAX_NESTING) return tooDeep;
    this.nesting++;
    const made = convert();
    this.nesting--;
    return made;
  }

  private convert(entry: BtfEntry): Type {
    const { kind, name, sizeOrType } = entry;
    switch (kind) {
      case BTF_KINDS.int:
        return this.int(entry);
      case BTF_KINDS.float:
        return FLOATS.find((float) => float.sizeBytes === sizeOrType) ?? VOID;
      case BTF_KINDS.pointer:
        return this.pointerBytes === 8 ? { kind: 'pointer', to: this.type(sizeOrType) } : UNSIGNED_INT;
      case BTF_KINDS.array: {
        const of = this.type(this.btf.u32(entry.at));
        return isObject(of) ? { kind: 'array', of, count: this.btf.u32(entry.at + 8) } : VOID;
      }
      case BTF_KINDS.struct:
        return this.record('struct', entry);
      case BTF_KINDS.union:
        return this.record('union', entry);
      case BTF_KINDS.forward:
        return {
          kind: entry.flag ? 'union' : 'struct',
          tag: name,
          members: undefined,
          sizeBytes: 0,
          alignBytes: 1,
        };
      case BTF_KINDS.enum:
      case BTF_KINDS.enum64:
        return this.enumeration(entry);
      case BTF_KINDS.typedef:
        return { kind: 'typedef', name, to: this.type(sizeOrType) };
      case BTF_KINDS.const:
        return { kind: 'qualified', qualifiers: ['const'], to: this.type(sizeOrType) };
      case BTF_KINDS.volatile:
        return { kind: 'qualified', qualifiers: ['volatile'], to: this.type(sizeOrType) };
      case BTF_KINDS.restrict:
        return { kind: 'qualified', qualifiers: ['restrict'], to: this.type(sizeOrType) };
      case BTF_KINDS.prototype:
        return this.prototype(entry);
      case BTF_KINDS.function:
      case BTF_KINDS.variable:
      case BTF_KINDS.typeTag:
        return this.type(sizeOrType);
      default:
        return VOID;
    }
  }

  private int(entry: BtfEntry): Type {
    const encoding = this.btf.u32(entry.at) >>> 24;
    if (entry.sizeOrType === 16) return { kind: 'array', of: UNSIGNED_LONG, count: 2 };
    return intrinsic(
      entry.name,
      entry.sizeOrType,
      (encoding & ENCODING_SIGNED) !== 0,
      (encoding & ENCODING_BOOL) !== 0,
    );
  }

  private prototype(entry: BtfEntry): FunctionType {
    const types = elements(entry, 8).map((at) => this.btf.u32(at + 4));
    const variadic = types.at(-1) === 0;
    const named = variadic ? types.slice(0, -1) : types;
    const returns = this.type(entry.sizeOrType);
    return { kind: 'function', returns, parameters: named.map((id) => this.type(id)), variadic };
  }

  private enumeration(entry: BtfEntry): EnumType {
    const { btf } = this;
    const wide = entry.kind === BTF_KINDS.enum64;
    const enumerators = elements(entry, wide ? 12 : 8).map((at) => {
      const low = entry.flag ? btf.u32(at + 4) | 0 : btf.u32(at + 4);
      const high = wide ? btf.u32(at + 8) : 0;
      const whole = (BigInt(high) << 32n) | BigInt(btf.u32(at + 4));
      const value = wide ? Number(entry.flag ? BigInt.asIntN(64, whole) : whole) : low;
      return { name: btf.string(btf.u32(at)), value };
    });
    const isInt = entry.sizeOrType === 4 && enumerators.every(({ value }) => (value | 0) === value);
    const base = isInt ? INT : intrinsic('', entry.sizeOrType, entry.flag, false);
    return base === INT || base.kind !== 'int'
      ? { kind: 'enum', tag: entry.name, enumerators }
      : { kind: 'enum', tag: entry.name, enumerators, base };
  }

  /** Members and alignment are worked out when they are first looked at. */
  private record(kind: RecordType['kind'], entry: BtfEntry): RecordType {
    const members = once((): readonly Member[] => this.nested(() => this.membersOf(entry), []), []);
    const align = once(() => this.nested(() => alignment(members(), entry.sizeOrType), 1), 1);
    return {
      kind,
      tag: entry.name,
      sizeBytes: entry.sizeOrType,
      get members() {
        return members();
      },
      get alignBytes() {
        return align();
      },
    };
  }

  private membersOf(entry: BtfEntry): readonly Member[] {
    const { btf } = this;
    return elements(entry, 12).flatMap((at): readonly Member[] => {
      const name = btf.string(btf.u32(at));
      const typeId = btf.u32(at + 4);
      const place = btf.u32(at + 8);
      const type = this.type(typeId);
      if (!isObject(type)) return [];
      const width = entry.flag ? place >>> 24 : 0;
      const offsetBits = entry.flag ? place & 0xffffff : place;
      const resolved = resolve(type);
      if (name === '') {
        if (resolved.kind !== 'struct' && resolved.kind !== 'union') return [];
        return (resolved.members ?? []).map((inner) => ({
          ...inner,
          offsetBits: inner.offsetBits + offsetBits,
        }));
      }
      const bits = width > 0 ? { skip: 0, width } : this.narrowInt(typeId);
      if (bits === undefined)
        return offsetBits % 8 === 0 ? [{ name, type, offsetBits, bitWidth: undefined }] : [];
      return bitField(name, type, offsetBits + bits.skip, bits.width);
    });
  }

  /** Bit-fields without kind_flag are of an integer type of their own, with fewer bits than its bytes have. */
  private narrowInt(id: number): { readonly skip: number; readonly width: number } | undefined {
    const holder = this.btf.holderOf(id);
    const entry = this.btf.entry(id);
    if (entry?.kind !== BTF_KINDS.int) return undefined;
    const word = holder.u32(entry.at);
    const width = word & 0xff;
    return width === 0 || width >= entry.sizeOrType * 8 ? undefined : { skip: (word >>> 16) & 0xff, width };
  }
}

/** Offsets of an entry's elements, of `sizeBytes` each. */
function elements(entry: BtfEntry, sizeBytes: number): readonly number[] {
  return Array.from({ length: entry.count }, (_, i) => entry.at + i * sizeBytes);
}

/** `make`'s value, made at the first call; `meanwhile` while it is being made. */
function once<T>(make: () => T, meanwhile: T): () => T {
  let state: 'unmade' | 'making' | 'made' = 'unmade';
  let value = meanwhile;
  return () => {
    if (state === 'unmade') {
      state = 'making';
      value = make();
      state = 'made';
    }
    return value;
  };
}

/** What a struct may hold. */
function isObject(type: Type): boolean {
  const { kind } = resolve(type);
  return kind !== 'void' && kind !== 'function';
}

/** The most that a member needs, less in a packed struct. */
function alignment(members: readonly Member[], sizeBytes: number): number {
  let bytes = members.reduce((most, { type }) => Math.max(most, alignOf(type)), 1);
  while (bytes > 1 && sizeBytes % bytes !== 0) bytes /= 2;
  return bytes;
}

/**
 * A bit-field is read as one integer of its type at a multiple of its size. In a packed struct it may cross such a
 * boundary; then the next larger integer around it serves.
 */
function bitField(name: string, type: Type, offsetBits: number, width: number): readonly Member[] {
  const resolved = resolve(type);
  const own = resolved.kind === 'enum' ? (resolved.base ?? INT) : resolved;
  if (own.kind !== 'int') return [];
  for (let sizeBytes = own.sizeBytes; sizeBytes <= 8; sizeBytes *= 2) {
    if ((offsetBits % (sizeBytes * 8)) + width > sizeBytes * 8) continue;
    const unit = sizeBytes === own.sizeBytes ? type : intrinsic('', sizeBytes, own.signed, false);
    return [{ name, type: unit, offsetBits, bitWidth: width }];
  }
  return [];
}

const NAMES_BY_SIZE: Readonly<Record<number, string>> = { 1: 'char', 2: 'short', 4: 'int', 8: 'long' };

/** D's integer of that size and sign, whichever way the compiler spells its name; void for other sizes. */
function intrinsic(name: string, sizeBytes: number, signed: boolean, isBool: boolean): IntType | typeof VOID {
  const plain = NAMES_BY_SIZE[sizeBytes];
  const word = sizeBytes === 8 && name.includes('long long') ? 'long long' : plain;
  const sign = !signed ? 'unsigned ' : sizeBytes === 1 && name !== 'char' ? 'signed ' : '';
  const wanted = isBool && sizeBytes === 1 ? '_Bool' : `${sign}${word}`;
  return INTEGERS.find((row) => row.name === wanted) ?? VOID;
}

/** BTF does not say how wide pointers are; `unsigned long` is as wide on Linux. */
function pointerBytesOf(btf: Btf): number {
  for (const name of ['long unsigned int', 'unsigned long']) {
    for (const id of btf.ids(name)) {
      const entry = btf.entry(id);
      if (entry?.kind === BTF_KINDS.int) return entry.sizeOrType;
    }
  }
  return 8;
}
