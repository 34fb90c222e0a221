/**
 * The guest's kernel as --symbols files tell it: types from BTF, addresses from symbol tables, and with both of them
 * where Linux keeps its processes.
 *
 * In: the program texts and what was read of the files. Out: the checker's view of the kernel and the engine's. Files are
 * read only when a text may name something of a kernel's.
 */
import type { Kernel, KernelSymbol } from '../check/kernel.ts';
import type { Diagnostic } from '../diag/diagnostics.ts';
import type { ProcessLayout } from '../machine/target.ts';
import type { BtfKernelTypes } from '../symbols/kernel-types.ts';
import type { SymbolTable } from '../symbols/symbol-table.ts';
import type { SymbolFiles } from './symbols.ts';

export interface GuestKernel extends Kernel {
  readonly types: BtfKernelTypes | undefined;
  readonly processLayout: ProcessLayout | undefined;
}

/** What a program may take from a kernel: symbols, tags, processes, types in casts, enumerators. */
const KERNEL_WORDS =
  /`|\b(struct|union|enum|args|curthread|pid|tid|ppid|execname|uid|gid|self|percpu|\w+_t|[us](8|16|32|64))\b|\(\s*[a-z]\w*[\s*]*\)|\b[A-Z]\w*_\w+/;

export async function openKernel(
  texts: readonly string[],
  read: () => Promise<SymbolFiles | Diagnostic>,
): Promise<GuestKernel | Diagnostic | undefined> {
  if (!texts.some((text) => KERNEL_WORDS.test(text))) return undefined;
  const files = await read();
  if ('tag' in files) return files;
  const { BtfKernelTypes } = await import('../symbols/kernel-types.ts');
  const { linuxProcess } = await import('../symbols/linux-task.ts');
  const types = files.types.length > 0 ? new BtfKernelTypes() : undefined;
  for (const { module, btf } of files.types) types?.add(module, btf);
  const { tables } = files;
  const find = (name: string, module?: string) => findSymbol(tables, name, module);
  return {
    types,
    symbols: tables.length > 0 ? { find } : undefined,
    processLayout: types && linuxProcess(types, (name) => find(name)?.address),
  };
}

/** Of several symbols of one name the kernel's own comes before those of modules. */
function findSymbol(
  tables: readonly SymbolTable[],
  name: string,
  module: string | undefined,
): KernelSymbol | undefined {
  const wanted = module === 'kernel' || module === '' ? KERNEL : module;
  const rows = tables.flatMap((table) => table.byName(name, wanted));
  const row = rows.find((each) => each.module === KERNEL) ?? rows[0];
  if (row !== undefined) {
    return { address: row.address, sizeBytes: row.size, isFunction: row.kind === 'function' };
  }
  const offset = tables.map((table) => table.absolute(name)).find((value) => value !== undefined);
  return offset === undefined ? undefined : { address: offset, sizeBytes: 0, isFunction: false };
}

const KERNEL = 'vmlinux';
