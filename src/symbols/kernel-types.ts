/**
 * What a kernel's BTF says by name: types, variables, functions, enumerators, of vmlinux and of modules.
 *
 * In: one BTF image per module, vmlinux first. Out: Types (btf-types.ts). Only what is asked for is converted; that
 * a name is unknown is remembered by nobody, since asking costs less than a microsecond. In Linux 6.1 the only
 * variables with a type are per-CPU ones; their addresses are offsets from the per-CPU base.
 */
import { typeText } from '../types/text.ts';
import type { EnumType, RecordType, Type } from '../types/type.ts';
import { BTF_KINDS, type Btf } from './btf.ts';
import { BtfTypes } from './btf-types.ts';

export interface KernelVariable {
  readonly type: Type;
  readonly perCpu: boolean;
}

export interface KernelFunction {
  /** The last one's name is '...' when a call may have more. */
  readonly parameters: readonly { readonly name: string; readonly type: Type }[];
  readonly returns: Type;
  readonly type: Type;
}

interface Image {
  readonly module: string;
  readonly types: BtfTypes;
  perCpu: ReadonlySet<number> | undefined; // ids of variables, once asked for
}

const PER_CPU_SECTION = '.data..percpu';
/** What the kernel itself is called in `` vmlinux`name ``; `kernel` by tools that read kallsyms. */
const KERNEL_MODULES: ReadonlySet<string> = new Set(['', 'vmlinux', 'kernel']);
const TAG_KINDS = {
  struct: [BTF_KINDS.struct],
  union: [BTF_KINDS.union],
  enum: [BTF_KINDS.enum, BTF_KINDS.enum64],
} as const;

export class BtfKernelTypes {
  private readonly images: Image[] = [];

  /** `module` is 'vmlinux' for the kernel itself, which comes first; a module's BTF was opened with it as its base. */
  add(module: string, btf: Btf): void {
    const base = this.images.find(({ types }) => types.btf === btf.base);
    this.images.push({ module, types: new BtfTypes(btf, base?.types), perCpu: undefined });
  }

  /** The kernel's BTF, which split BTF needs as its base. */
  get kernel(): Btf | undefined {
    return this.images.find(({ module }) => KERNEL_MODULES.has(module))?.types.btf;
  }

  /** Bytes of numbers lie the other way round than trapline loads them. */
  get bigEndian(): boolean {
    return this.images[0]?.types.btf.order === 'big';
  }

  /** A definition, or the forward tag of what only a module defines. */
  tagged(kind: 'struct' | 'union' | 'enum', tag: string): RecordType | EnumType | undefined {
    const forward = () => {
      const found = this.find(tag, [BTF_KINDS.forward]);
      return found?.kind === kind ? found : undefined;
    };
    const type = this.find(tag, TAG_KINDS[kind]) ?? forward();
    return type?.kind === 'struct' || type?.kind === 'union' || type?.kind === 'enum' ? type : undefined;
  }

  typedefType(name: string): Type | undefined {
    return this.find(name, [BTF_KINDS.typedef]);
  }

  variable(name: string, module?: string): KernelVariable | undefined {
    for (const image of this.imagesOf(module)) {
      const id = idOf(image.types.btf, name, [BTF_KINDS.variable]);
      if (id === undefined) continue;
      image.perCpu ??= perCpuIds(image.types.btf);
      return { type: image.types.type(id), perCpu: image.perCpu.has(id) };
    }
    return undefined;
  }

  function(name: string, module?: string): KernelFunction | undefined {
    for (const { types } of this.imagesOf(module)) {
      const id = idOf(types.btf, name, [BTF_KINDS.function]);
      if (id === undefined) continue;
      const prototype = types.btf.entry(id)?.sizeOrType ?? 0;
      const type = types.type(id);
      if (type.kind !== 'function') continue;
      return { parameters: types.parameters(prototype), returns: type.returns, type };
    }
    return undefined;
  }

  /** The types of args[] at a function's entry, as D text. */
  entryArguments(name: string, module?: string): readonly string[] | undefined {
    return this.function(name, module)
      ?.parameters.filter((parameter) => parameter.name !== '...')
      .map(({ type }) => argumentText(type));
  }

  /** The types of args[] at a function's return: args[0] is where it returns from, args[1] what it returns. */
  returnArguments(name: string, module?: string): readonly string[] | undefined {
    const found = this.function(name, module);
    if (found === undefined) return undefined;
    return found.returns.kind === 'void' ? [OFFSET_TEXT] : [OFFSET_TEXT, argumentText(found.returns)];
  }

  enumerator(name: string): { readonly value: number; readonly type: Type } | undefined {
    for (const { types } of this.images) {
      const id = types.btf.enumWith(name);
      const type = id === undefined ? undefined : types.type(id);
      if (type?.kind !== 'enum') continue;
      const found = type.enumerators?.find((enumerator) => enumerator.name === name);
      if (found !== undefined) return { value: found.value, type };
    }
    return undefined;
  }

  private find(name: string, kinds: readonly number[]): Type | undefined {
    for (const { types } of this.images) {
      const id = idOf(types.btf, name, kinds);
      if (id !== undefined) return types.type(id);
    }
    return undefined;
  }

  private imagesOf(module: string | undefined): readonly Image[] {
    if (module === undefined || module === '') return this.images;
    const isKernel = KERNEL_MODULES.has(module);
    return this.images.filter((image) =>
      isKernel ? KERNEL_MODULES.has(image.module) : image.module === module,
    );
  }
}

function idOf(btf: Btf, name: string, kinds: readonly number[]): number | undefined {
  return btf.ids(name).find((id) => kinds.includes(btf.entry(id)?.kind ?? 0));
}

function perCpuIds(btf: Btf): ReadonlySet<number> {
  const ids = new Set<number>();
  for (const section of btf.ids(PER_CPU_SECTION)) {
    const entry = btf.entry(section);
    if (entry?.kind !== BTF_KINDS.section) continue;
    for (let i = 0; i < entry.count; i++) ids.add(btf.u32(entry.at + i * 12));
  }
  return ids;
}

const OFFSET_TEXT = 'int64_t';
/** What a probe table's texts can say: names, stars (src/types/table.ts reads them back). */
const SIMPLE_TEXT = /^(const )?(struct |union |enum )?\w+( \w+)*( \*+)?$/;

/** Structs by value and pointers to functions or to unnamed types have no such text. */
function argumentText(type: Type): string {
  const text = typeText(type);
  if (SIMPLE_TEXT.test(text) && !/^(const )?(struct|union|enum)( \*+)?$/.test(text)) return text;
  return type.kind === 'pointer' || type.kind === 'qualified' ? 'void *' : OFFSET_TEXT;
}
