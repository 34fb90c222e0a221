/**
 * A file given to --symbols → a SymbolTable. What it is, is told by its bytes and not by its name.
 *
 *   ELF        .symtab and .dynsym (elf.ts); a Linux kernel without them: its kallsyms tables (kallsyms-image.ts)
 *   listing    System.map, kallsyms, nm (listing.ts)
 *   BTF        types only: not our business here
 * Boot images (vmlinuz) are unpacked by the caller (linux-image.ts). Anything else is refused with what to do instead.
 *
 * BASE says where the file's symbols really are:
 *   0xADDR   where it begins: its _text (or _stext) if it has one, else the load address of an ELF image, the .text of a
 *            relocatable one (.ko), the first function of a listing
 *   +0xOFF -0xOFF   that far from where the file says
 *   auto     the trace tells (kaslr.ts); also without BASE, for Linux kernels
 */
import { isElf, readElf, readElfSymbols } from './elf.ts';
import { kallsymsOf } from './kallsyms-image.ts';
import { isListing, readListing } from './listing.ts';
import { type SymbolTable, SymbolTableBuilder } from './symbol-table.ts';

export type SymbolBase =
  | { readonly kind: 'file' } // nothing was said
  | { readonly kind: 'auto' }
  | { readonly kind: 'address' | 'slide'; readonly value: bigint };

export type LoadedSymbols =
  /** `mayMove`: the file's addresses are to be tried on the trace. `slide`: how far its addresses were moved already. */
  | {
      readonly kind: 'symbols';
      readonly table: SymbolTable;
      readonly mayMove: boolean;
      readonly slide: bigint;
    }
  | { readonly kind: 'types' }
  | { readonly kind: 'refused'; readonly reason: string; readonly hint: string };

/** `FILE[@BASE]`. An @ that no base follows belongs to the file's name. */
export function parseSymbolsArgument(text: string): { readonly path: string; readonly base: SymbolBase } {
  const match = /^(.+)@(auto|([+-]?)0x([0-9a-f]{1,16}))$/i.exec(text);
  if (!match) return { path: text, base: { kind: 'file' } };
  const [, path = '', word = '', sign, digits] = match;
  if (word.toLowerCase() === 'auto') return { path, base: { kind: 'auto' } };
  const value = BigInt(`0x${digits}`);
  if (!sign) return { path, base: { kind: 'address', value } };
  return { path, base: { kind: 'slide', value: sign === '-' ? -value : value } };
}

export function loadSymbols(bytes: Uint8Array, path: string, base: SymbolBase): LoadedSymbols {
  const read = readAny(bytes, path, base);
  if (read.kind !== 'read') return read;
  const { table, anchor } = read;
  const isMovable = base.kind === 'auto' || (base.kind === 'file' && table.modules.includes(KERNEL));
  if (base.kind === 'file' || base.kind === 'auto')
    return { kind: 'symbols', table, mayMove: isMovable, slide: 0n };
  const slide = base.kind === 'slide' ? base.value : base.value - anchor;
  const moved = table.slid(slide);
  return moved
    ? { kind: 'symbols', table: moved, mayMove: false, slide }
    : refused('that base puts symbols beyond the end of the address space', baseHint(anchor));
}

type Read = { readonly kind: 'read'; readonly table: SymbolTable; readonly anchor: bigint };

function readAny(
  bytes: Uint8Array,
  path: string,
  base: SymbolBase,
): Read | Exclude<LoadedSymbols, { kind: 'symbols' }> {
  if (bytes.length === 0) return refused('it is empty', WANTED);
  if (isElf(bytes)) return readElfFile(bytes, path, base);
  if (isBtf(bytes)) return { kind: 'types' };
  const image = kernelImage(bytes);
  if (image !== undefined) return refused(`it is ${image}, which holds no symbols`, KERNEL_HINT);
  const head = new TextDecoder('latin1').decode(bytes.subarray(0, HEAD_BYTES));
  if (!isListing(head)) return refused('it is no ELF file and no listing of symbols', WANTED);
  return readListingFile(bytes, path);
}

/** Enough for the lines that a listing is recognised by. */
const HEAD_BYTES = 16384;

function refused(reason: string, hint: string): Extract<LoadedSymbols, { kind: 'refused' }> {
  return { kind: 'refused', reason, hint };
}

const WANTED = 'give an ELF file with symbols, System.map, /proc/kallsyms, or what nm printed (gzip is fine)';
const KERNEL_HINT =
  "boot the guest with nokaslr and save its /proc/kallsyms as root, or give the vmlinux of the kernel's debug package";

function baseHint(anchor: bigint): string {
  return `its own begin at 0x${anchor.toString(16)}; @0xADDR says where that really is, @+0xOFF how far it moved`;
}

// ---------------------------------------------------------------------------------------------- listings

/** The Linux kernel, as dtrace calls it. */
const KERNEL = 'vmlinux';
const LINUX_SYMBOL = / (linux_banner|init_task|start_kernel)$/m;

function readListingFile(
  bytes: Uint8Array,
  path: string,
): Read | Extract<LoadedSymbols, { kind: 'refused' }> {
  return readListingText(new TextDecoder().decode(bytes), path);
}

function readListingText(text: string, path: string): Read | Extract<LoadedSymbols, { kind: 'refused' }> {
  const module = LINUX_SYMBOL.test(text) ? KERNEL : moduleName(path);
  const builder = new SymbolTableBuilder();
  const facts = readListing(text, module, builder);
  const table = builder.build();
  if (facts.symbols === 0 || table.count === 0) {
    return refused('it names no symbol that has an address', WANTED);
  }
  if (facts.zeros * 2 > facts.symbols) {
    return refused(
      'nearly all of its addresses are 0: the kernel hid them from whoever read it',
      'in the guest, as root: echo 0 > /proc/sys/kernel/kptr_restrict, then save /proc/kallsyms again',
    );
  }
  const first = table.functions(() => true)[0] ?? 0;
  return { kind: 'read', table, anchor: kernelStart(table) ?? table.address(first) };
}

function kernelStart(table: SymbolTable): bigint | undefined {
  return (table.byName('_text')[0] ?? table.byName('_stext')[0])?.address;
}

// ---------------------------------------------------------------------------------------------- ELF

function readElfFile(
  bytes: Uint8Array,
  path: string,
  base: SymbolBase,
): Read | Exclude<LoadedSymbols, { kind: 'symbols' }> {
  const file = readElf(bytes);
  if (file === undefined) return refused('its ELF header is damaged', WANTED);
  const names = new Set(file.sections.map(({ name }) => name));
  const builder = new SymbolTableBuilder();
  const module = names.has('__ksymtab') && file.kind !== 'relocatable' ? KERNEL : moduleName(path);
  const { addressed } = readElfSymbols(file, module, builder);
  if (addressed === 0 && module === KERNEL) {
    const listing = kallsymsOf(bytes);
    if (listing !== undefined) return readListingText(listing, path);
  }
  if (addressed === 0) return names.has('.BTF') ? { kind: 'types' } : stripped(bytes, names);
  if (file.kind === 'relocatable' && base.kind === 'file') {
    return refused(
      'it is relocatable, so its symbols have no addresses yet',
      "say where its .text is: FILE@0xADDR; the guest's /sys/module/NAME/sections/.text tells",
    );
  }
  const table = builder.build();
  const anchor = file.kind === 'relocatable' ? 0n : (kernelStart(table) ?? file.loadAddress ?? 0n);
  return { kind: 'read', table, anchor };
}

function stripped(
  bytes: Uint8Array,
  sections: ReadonlySet<string>,
): Extract<LoadedSymbols, { kind: 'refused' }> {
  if (sections.size === 0) return refused('it has no sections left to find symbols in', WANTED);
  if (!sections.has('.gnu_debuglink')) {
    return refused('its symbols were stripped', 'give the file as it was linked, or its .debug file');
  }
  return refused(
    'its symbols were stripped',
    `they are in ${debugLink(bytes) ?? 'its .debug file'}: give that`,
  );
}

/** The name in .gnu_debuglink, before its NUL and checksum. */
function debugLink(bytes: Uint8Array): string | undefined {
  const file = readElf(bytes);
  const section = file?.sections.find(({ name }) => name === '.gnu_debuglink');
  if (section === undefined) return undefined;
  const text = new TextDecoder('latin1').decode(
    bytes.subarray(section.offset, section.offset + section.size),
  );
  return /^[\x20-\x7e]{1,255}(?=\0)/.exec(text)?.[0];
}

// ---------------------------------------------------------------------------------------------- names and other files

/** Endings that say what a file is, not what it is of. */
const ENDINGS = /\.(gz|xz|zst|debug|ko|o|elf|map|sym|syms|symbols|kallsyms|nm|txt)$/i;

/** How a file's symbols are qualified: its base name without such endings; a Linux module as the kernel calls it. */
function moduleName(path: string): string {
  let name = path.slice(path.lastIndexOf('/') + 1);
  while (ENDINGS.test(name) && name.replace(ENDINGS, '') !== '') {
    const isModule = /\.ko$/i.test(name);
    name = name.replace(ENDINGS, '');
    if (isModule) name = name.replaceAll('-', '_');
  }
  return /^vmlinux(-|$)/.test(name) ? KERNEL : name;
}

function isBtf(bytes: Uint8Array): boolean {
  const magic = ((bytes[0] ?? 0) << 8) | (bytes[1] ?? 0);
  return magic === 0x9feb || magic === 0xeb9f;
}

/** Magic words of kernel images as boot loaders take them, and where they are. */
const IMAGES: readonly { readonly at: number; readonly magic: string; readonly what: string }[] = [
  { at: 0x202, magic: 'HdrS', what: 'a bzImage' },
  { at: 56, magic: 'ARMd', what: 'a kernel image (Image)' },
  { at: 56, magic: 'RSC\x05', what: 'a kernel image (Image)' },
  { at: 4, magic: 'zimg', what: 'a compressed kernel image' },
];

function kernelImage(bytes: Uint8Array): string | undefined {
  const holds = (at: number, magic: string) =>
    [...magic].every((char, i) => bytes[at + i] === char.charCodeAt(0));
  return IMAGES.find(({ at, magic }) => holds(at, magic))?.what;
}
