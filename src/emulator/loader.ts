/**
 * A kernel image into the machine: ELF64 with a PVH note, started as the PVH boot protocol says (32-bit protected mode, flat
 * segments, no paging, interrupts off, EBX = physical address of hvm_start_info with the command line and the memory map).
 *
 *   0x1000  hvm_start_info   0x1100  memory map   0x2000  command line
 */
import { type Cpu, CR0, CS, DS, ES, FIXED_FLAGS, FS, GS, RBX, SS } from '../x86/cpu.ts';
import { setFlat, updateMode } from '../x86/segments.ts';
import type { Machine } from './machine.ts';

export interface Image {
  readonly entry: number;
  readonly segments: readonly {
    readonly physical: number;
    readonly virtual: bigint; // where the image wants it once it has its page tables
    readonly bytes: Uint8Array;
    readonly size: number;
  }[];
}

const PT_LOAD = 1;
const PT_NOTE = 4;
/** XEN_ELFNOTE_PHYS32_ENTRY */
const PHYS32_ENTRY = 18;

/** What the machine can start, or why it cannot. */
export function readImage(file: Uint8Array): Image | string {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  if (file.length < 64 || view.getUint32(0, false) !== 0x7f454c46) return 'it is no ELF file';
  if (file[4] !== 2 || file[5] !== 1 || view.getUint16(18, true) !== 62)
    return 'it is no 64-bit x86 ELF file';
  const table = Number(view.getBigUint64(32, true));
  const size = view.getUint16(54, true);
  const count = view.getUint16(56, true);
  if (size < 56 || table + size * count > file.length) return 'its program headers are damaged';
  const segments: Image['segments'][number][] = [];
  let entry: number | undefined;
  for (let index = 0; index < count; index++) {
    const at = table + index * size;
    const word = (offset: number): number => Number(view.getBigUint64(at + offset, true));
    const type = view.getUint32(at, true);
    const [offset, physical, fileBytes, memoryBytes] = [word(8), word(24), word(32), word(40)];
    if (offset + fileBytes > file.length) return 'it is cut off';
    const bytes = file.subarray(offset, offset + fileBytes);
    if (type === PT_LOAD && fileBytes > memoryBytes) return 'its program headers are damaged';
    if (type === PT_LOAD)
      segments.push({ physical, virtual: view.getBigUint64(at + 16, true), bytes, size: memoryBytes });
    else if (type === PT_NOTE) entry ??= pvhEntry(bytes);
  }
  if (entry === undefined)
    return 'it has no PVH note (XEN_ELFNOTE_PHYS32_ENTRY), which says where to start it';
  return { entry, segments };
}

function pvhEntry(notes: Uint8Array): number | undefined {
  const view = new DataView(notes.buffer, notes.byteOffset, notes.byteLength);
  for (let at = 0; at + 12 <= notes.length; ) {
    const nameSize = view.getUint32(at, true);
    const size = view.getUint32(at + 4, true);
    const type = view.getUint32(at + 8, true);
    if (nameSize > notes.length || size > notes.length) return undefined;
    const content = at + 12 + ((nameSize + 3) & ~3);
    if (content + size > notes.length) return undefined;
    const isXen = nameSize === 4 && new TextDecoder().decode(notes.subarray(at + 12, at + 15)) === 'Xen';
    if (isXen && type === PHYS32_ENTRY && size >= 4) return view.getUint32(content, true);
    at = content + ((size + 3) & ~3);
  }
  return undefined;
}

/** The top of memory is not the guest's: patching's slots are there (patching.ts). It is so with and without patching. */
export const RESERVED_BYTES = 0x8000;
const START_INFO = 0x1000;
const MEMORY_MAP = 0x1100;
const COMMAND_LINE = 0x2000;
const MAX_COMMAND_LINE = 0x1000;
const START_MAGIC = 0x336ec578;
/** Below 1 MiB, from here on, are the ROMs and video memory of a PC. */
const LOW_MEMORY_END = 0x9fc00;
const HIGH_MEMORY = 0x100000;

/** Puts the image into memory and the first CPU at its entry. A text says why that cannot be. */
export function loadImage(machine: Machine, image: Image, commandLine: string): string | undefined {
  const { memory } = machine;
  for (const { physical, bytes, size } of image.segments) {
    if (physical + size > memory.size - RESERVED_BYTES)
      return `it does not fit into ${memory.size >> 20} MiB`;
    memory.write(physical, bytes);
    memory.write(physical + bytes.length, new Uint8Array(Math.max(0, size - bytes.length)));
  }
  const text = new TextEncoder().encode(`${commandLine}\0`);
  if (text.length > MAX_COMMAND_LINE) return `its command line has more than ${MAX_COMMAND_LINE - 1} bytes`;
  memory.write(COMMAND_LINE, text);
  memory.write(START_INFO, startInfo());
  memory.write(MEMORY_MAP, memoryMap(memory.size - RESERVED_BYTES));
  startAt(machine.vcpus[0]!.cpu, image.entry);
  return undefined;
}

function startInfo(): Uint8Array {
  const view = new DataView(new ArrayBuffer(56));
  view.setUint32(0, START_MAGIC, true);
  view.setUint32(4, 1, true);
  view.setUint32(24, COMMAND_LINE, true);
  view.setUint32(40, MEMORY_MAP, true);
  view.setUint32(48, 2, true);
  return new Uint8Array(view.buffer);
}

function memoryMap(size: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(48));
  const entry = (at: number, from: number, bytes: number): void => {
    view.setUint32(at, from, true);
    view.setUint32(at + 8, bytes, true);
    view.setUint32(at + 16, 1, true); // RAM
  };
  entry(0, 0, LOW_MEMORY_END);
  entry(24, HIGH_MEMORY, size - HIGH_MEMORY);
  return new Uint8Array(view.buffer);
}

function startAt(cpu: Cpu, entry: number): void {
  cpu.cr0 = CR0.PE | CR0.ET;
  setFlat(cpu, CS, 8, 0xc09b00);
  for (const segment of [DS, ES, SS, FS, GS]) setFlat(cpu, segment, 0x10, 0xc09300);
  cpu.flags = FIXED_FLAGS;
  cpu.r[RBX] = START_INFO;
  cpu.ripLow = entry;
  cpu.ripHigh = 0;
  updateMode(cpu);
}
