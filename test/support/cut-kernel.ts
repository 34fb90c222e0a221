/**
 * A piece of a Linux kernel as an ELF file: the code of a few functions at their real addresses, and their symbols. Small
 * enough to be kept beside the logs, so that tests of fbt and syscall need no kernel package.
 *
 * In: the unpacked vmlinux. Out: the file's bytes. examples/traces/linux-x86_64-cut.vmlinux.gz was made with it
 * (test/replay/exec-probes.test.ts makes it again where the kernel is there).
 */
import { elfCode } from '../../src/symbols/elf-code.ts';
import { loadSymbols } from '../../src/symbols/load.ts';

/** What the bundled log with code addresses shows, and what returns go through. */
const CODE = ['do_sys_openat2', 'do_syscall_64', 'do_int80_emulation'];
const NAMES = [...CODE, 'entry_SYSCALL_64', 'entry_SYSCALL_64_safe_stack', '__x86_return_thunk'];

interface Piece {
  readonly name: string;
  readonly address: bigint;
  readonly bytes: Uint8Array; // empty: a symbol only
  readonly size: number;
}

export function cutKernel(vmlinux: Uint8Array): Uint8Array {
  const loaded = loadSymbols(vmlinux, 'vmlinux', { kind: 'file' });
  const code = elfCode(vmlinux);
  if (loaded.kind !== 'symbols' || code === undefined) throw new Error('no symbols or no code');
  const pieces = NAMES.map((name): Piece => {
    const [row] = loaded.table.byName(name);
    if (row === undefined) throw new Error(`no ${name}`);
    const bytes = CODE.includes(name) ? code.readCode(row.address, row.size) : undefined;
    return { name, address: row.address, size: row.size, bytes: bytes ?? new Uint8Array() };
  });
  return writeElf(pieces);
}

const HEADER_BYTES = 64;
const SEGMENT_BYTES = 56;
const SYMBOL_BYTES = 24;
const SHT = { progbits: 1, symtab: 2, strtab: 3 };
const ALLOC_EXECUTE = 6;
const GLOBAL_FUNCTION = 0x12;

interface Section {
  readonly name: string;
  readonly type: number;
  readonly flags: number;
  readonly address: bigint;
  readonly bytes: Uint8Array;
  readonly link: number;
  readonly entrySize: number;
}

/** `__ksymtab` is how a file is known to be a Linux kernel. */
function writeElf(pieces: readonly Piece[]): Uint8Array {
  const strings = new Strings();
  const symbols = new DataView(new ArrayBuffer(SYMBOL_BYTES * (pieces.length + 1)));
  const texts = pieces.filter(({ bytes }) => bytes.length > 0);
  pieces.forEach(({ name, address, size, bytes }, i) => {
    const at = SYMBOL_BYTES * (i + 1);
    symbols.setUint32(at, strings.add(name), true);
    symbols.setUint8(at + 4, GLOBAL_FUNCTION);
    symbols.setUint16(at + 6, bytes.length > 0 ? 1 + texts.findIndex((text) => text.name === name) : 1, true);
    symbols.setBigUint64(at + 8, address, true);
    symbols.setBigUint64(at + 16, BigInt(size), true);
  });
  const plain = { flags: 0, address: 0n, link: 0, entrySize: 0 };
  const none = { ...plain, type: 0, name: '', bytes: new Uint8Array() };
  const code = texts.map(({ name, address, bytes }) => ({
    ...{ ...plain, name: `.text.${name}`, type: SHT.progbits },
    ...{ flags: ALLOC_EXECUTE, address, bytes },
  }));
  const strtab = code.length + 3;
  const sections: Section[] = [
    none,
    ...code,
    { ...plain, name: '__ksymtab', type: SHT.progbits, bytes: new Uint8Array() },
    {
      ...{ ...plain, name: '.symtab', type: SHT.symtab, bytes: new Uint8Array(symbols.buffer) },
      ...{ link: strtab, entrySize: SYMBOL_BYTES },
    },
  ];
  const names = sections.map(({ name }) => strings.add(name));
  names.push(strings.add('.strtab'));
  sections.push({ ...plain, name: '.strtab', type: SHT.strtab, bytes: strings.bytes });
  return layOut(sections, names);
}

function layOut(sections: readonly Section[], names: readonly number[]): Uint8Array {
  const loaded = sections.filter(({ flags }) => flags === ALLOC_EXECUTE);
  let at = HEADER_BYTES + SEGMENT_BYTES * loaded.length;
  const offsets = sections.map(({ bytes }) => {
    const offset = at;
    at += bytes.length;
    return offset;
  });
  const table = (at + 7) & ~7;
  const file = new Uint8Array(table + HEADER_BYTES * sections.length);
  const view = new DataView(file.buffer);
  file.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  view.setUint16(16, 2, true); // executable
  view.setUint16(18, 62, true); // x86-64
  view.setUint32(20, 1, true);
  view.setBigUint64(40, BigInt(table), true);
  view.setBigUint64(32, BigInt(HEADER_BYTES), true);
  view.setUint16(52, HEADER_BYTES, true);
  view.setUint16(54, SEGMENT_BYTES, true);
  view.setUint16(56, loaded.length, true);
  view.setUint16(58, HEADER_BYTES, true);
  view.setUint16(60, sections.length, true);
  view.setUint16(62, sections.length - 1, true);
  sections.forEach((section, i) => {
    file.set(section.bytes, offsets[i]!);
    const row = table + HEADER_BYTES * i;
    view.setUint32(row, names[i]!, true);
    view.setUint32(row + 4, section.type, true);
    view.setBigUint64(row + 8, BigInt(section.flags), true);
    view.setBigUint64(row + 16, section.address, true);
    view.setBigUint64(row + 24, BigInt(offsets[i]!), true);
    view.setBigUint64(row + 32, BigInt(section.bytes.length), true);
    view.setUint32(row + 40, section.link, true);
    view.setBigUint64(row + 56, BigInt(section.entrySize), true);
  });
  loaded.forEach((section, i) => {
    const row = HEADER_BYTES + SEGMENT_BYTES * i;
    view.setUint32(row, 1, true); // loaded
    view.setUint32(row + 4, 5, true); // read, execute
    view.setBigUint64(row + 8, BigInt(offsets[sections.indexOf(section)]!), true);
    for (const at of [16, 24]) view.setBigUint64(row + at, section.address, true);
    for (const at of [32, 40]) view.setBigUint64(row + at, BigInt(section.bytes.length), true);
  });
  return file;
}

class Strings {
  private text = '\0';

  add(name: string): number {
    const at = this.text.length;
    this.text += `${name}\0`;
    return at;
  }

  get bytes(): Uint8Array {
    return new TextEncoder().encode(this.text);
  }
}
