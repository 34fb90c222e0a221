/**
 * The type table of a session: every type that has a name, D's own and the programs'.
 *
 * Typedefs and tags are two name spaces; a tag belongs to struct, union or enum. The table only stores: what may be
 * redeclared is the checker's business. `typeFromText` reads the D type texts of the tables (subroutine prototypes,
 * built-in variables, probe arguments).
 */
import { D_TYPEDEFS, FLOATS, INTEGERS, KERNEL_TYPEDEFS, STRING, UNSIGNED_INT, VOID } from './intrinsic.ts';
import { type Field, layoutRecord } from './layout.ts';
import type { EnumType, RecordType, Type } from './type.ts';

export type TagKind = 'struct' | 'union' | 'enum';

/** Where types that no program declares are looked for: those of the guest's kernel. */
export interface TypeSource {
  typedefType(name: string): Type | undefined;
  tagged(kind: TagKind, tag: string): RecordType | EnumType | undefined;
}

/** Other spellings of intrinsic types, words sorted as `canonicalWords` does. */
const SPELLINGS: Readonly<Record<string, string>> = {
  signed: 'int',
  unsigned: 'unsigned int',
  'signed int': 'int',
  'signed short': 'short',
  'signed long': 'long',
  'signed long long': 'long long',
};

/** Kernel typedefs by name, and the tags behind them. */
const KERNEL_TYPES: Readonly<Record<string, string>> = {
  kmutex_t: 'mutex',
  krwlock_t: 'rwlock',
  rwlock_t: 'rwlock',
  mblk_t: 'msgb',
  file_t: 'file',
};

export class TypeTable {
  private readonly names = new Map<string, Type>();
  private readonly tags = new Map<string, RecordType | EnumType>();
  private readonly kernelNames = new Set(Object.keys(KERNEL_TYPEDEFS)); // that no program has defined for itself
  private readonly outside: TypeSource | undefined;

  /** Types of `outside` serve where this table has none, or only a forward tag. */
  constructor(outside?: TypeSource) {
    this.outside = outside;
    for (const type of [...INTEGERS, ...FLOATS]) this.names.set(type.name, type);
    this.names.set('void', VOID).set('string', STRING);
    this.names.set('_symaddr', { kind: 'symaddr' }).set('_usymaddr', { kind: 'usymaddr' });
    for (const table of [D_TYPEDEFS, KERNEL_TYPEDEFS]) {
      for (const name in table) this.names.set(name, { kind: 'typedef', name, to: table[name]! });
    }
    this.addInternetTypes();
    this.addKernelTypes();
  }

  /** An intrinsic type by its usual spelling, or a typedef. */
  lookup(name: string): Type | undefined {
    return this.ownTypedef(name) ?? this.outside?.typedefType(unscoped(name));
  }

  /** The same, of those that are no kernel's. */
  ownTypedef(name: string): Type | undefined {
    return this.names.get(SPELLINGS[name] ?? name);
  }

  /** Whether a single word names a type (d-language.md 1.12). */
  isTypeName(name: string): boolean {
    return this.names.has(name) || this.outside?.typedefType(unscoped(name)) !== undefined;
  }

  /** Whether the name is a typedef of D's or of a program's, and not just of a kernel's. */
  isReserved(name: string): boolean {
    return !this.kernelNames.has(name) && this.ownTypedef(name)?.kind === 'typedef';
  }

  /** Whether the name is one of the typedefs that every program sees. */
  isPredefined(name: string): boolean {
    return Object.hasOwn(D_TYPEDEFS, name) || Object.hasOwn(KERNEL_TYPEDEFS, name);
  }

  addTypedef(name: string, to: Type): void {
    this.kernelNames.delete(name);
    this.names.set(name, { kind: 'typedef', name, to });
  }

  tag(kind: TagKind, tag: string): RecordType | EnumType | undefined {
    const own = this.tags.get(`${kind} ${tag}`);
    if (own !== undefined && isDefined(own)) return own;
    return this.outside?.tagged(kind, unscoped(tag)) ?? own;
  }

  /** The struct or union of that tag, made as a forward declaration if need be. An empty tag makes a new type. */
  record(kind: RecordType['kind'], tag: string): RecordType {
    const known = this.tag(kind, tag);
    return known && known.kind !== 'enum' ? known : this.ownRecord(kind, tag);
  }

  /** The same, of those that are no kernel's: what a program defines. */
  ownRecord(kind: RecordType['kind'], tag: string): RecordType {
    const known = tag === '' ? undefined : this.tags.get(`${kind} ${tag}`);
    if (known && known.kind !== 'enum') return known;
    const made: RecordType = { kind, tag, members: undefined, sizeBytes: 0, alignBytes: 1 };
    if (tag !== '') this.tags.set(`${kind} ${tag}`, made);
    return made;
  }

  enumeration(tag: string): EnumType {
    const known = this.tag('enum', tag);
    return known?.kind === 'enum' ? known : this.ownEnumeration(tag);
  }

  ownEnumeration(tag: string): EnumType {
    const known = tag === '' ? undefined : this.tags.get(`enum ${tag}`);
    if (known?.kind === 'enum') return known;
    const made: EnumType = { kind: 'enum', tag, enumerators: undefined };
    if (tag !== '') this.tags.set(`enum ${tag}`, made);
    return made;
  }

  /** Every name, for hints. */
  *allNames(): Iterable<string> {
    yield* this.names.keys();
  }

  private addInternetTypes(): void {
    const in4 = this.ownRecord('struct', 'in_addr');
    layoutRecord(in4, [{ name: 's_addr', type: UNSIGNED_INT, bitWidth: undefined }], 0);
    this.addTypedef('in_addr_t', UNSIGNED_INT);
    this.addTypedef('in6_addr_t', this.addIn6Addr());
  }

  /** As Linux has it, with `s6_addr`, a macro there, as a second name of the bytes. */
  private addIn6Addr(): RecordType {
    const array = (name: string, element: string, count: number): Field => {
      const type: Type = { kind: 'array', of: this.ownTypedef(element)!, count };
      return { name, type, bitWidth: undefined };
    };
    const bytes = array('u6_addr8', '__u8', 16);
    const views = this.ownRecord('union', '');
    layoutRecord(views, [bytes, array('u6_addr16', '__be16', 8), array('u6_addr32', '__be32', 4)], 0);
    const in6 = this.ownRecord('struct', 'in6_addr');
    layoutRecord(in6, [{ name: 'in6_u', type: views, bitWidth: undefined }], 0);
    in6.members = [...(in6.members ?? []), { ...bytes, name: 's6_addr', offsetBits: 0 }];
    return in6;
  }

  /** Types of the kernel that prototypes name. Only pointers to them exist until a program defines them. */
  private addKernelTypes(): void {
    for (const [name, tag] of Object.entries(KERNEL_TYPES))
      this.addTypedef(name, this.ownRecord('struct', tag));
    this.ownRecord('struct', 'path');
    this.ownRecord('struct', 'sx');
  }
}

function isDefined(type: RecordType | EnumType): boolean {
  return (type.kind === 'enum' ? type.enumerators : type.members) !== undefined;
}

/** `` vmlinux`pid_t `` → `pid_t`. */
function unscoped(name: string): string {
  return name.slice(name.lastIndexOf('`') + 1);
}

/**
 * Read a type as the tables write it: qualifiers, words or a tag, stars, one array bound. Undefined when the text is
 * no type or names an unknown one.
 */
export function typeFromText(types: TypeTable, text: string): Type | undefined {
  const parts = /^\s*((?:\w+\s*)+?)\s*((?:\*\s*)*)(?:\[(\d*)\])?\s*$/.exec(text);
  if (!parts) return undefined;
  let type = baseFromText(types, parts[1]!.trim().split(/\s+/));
  if (type === undefined) return undefined;
  for (const star of parts[2]!) if (star === '*') type = { kind: 'pointer', to: type };
  return parts[3] === undefined ? type : { kind: 'array', of: type, count: Number(parts[3]) };
}

function baseFromText(types: TypeTable, words: readonly string[]): Type | undefined {
  const isConst = words[0] === 'const';
  const [first, ...rest] = isConst ? words.slice(1) : words;
  let type: Type | undefined;
  if (first === 'struct' || first === 'union') type = types.tag(first, rest.join(' '));
  else if (first === 'enum') type = types.tag('enum', rest.join(' '));
  else type = types.lookup([first, ...rest].join(' '));
  return type && isConst ? { kind: 'qualified', qualifiers: ['const'], to: type } : type;
}
