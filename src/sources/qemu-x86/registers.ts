/**
 * Registers of a batch's rows, decoded from the log's text when a program asks.
 *
 * Each row remembers where its header and its dump lie in the window, which stays as it is until the next fill.
 * A dump whose layout is known gives a line's place at once; otherwise the lines are walked. The header's own values
 * (rip, rsp, cs, ss) are used first: they have full width even in front of a 32-bit dump. They and its tail (cr2 or rax)
 * are there when the dump is missing. `tr_base` of a 32-bit dump of a 64-bit CPU has its low half only,
 * because QEMU prints no more.
 */
import type { LinearMemory } from '../../base/linear-memory.ts';
import type { EventBatch, RegisterReader } from '../../machine/event-batch.ts';
import { REGISTER_COUNT, REGISTERS } from '../../machine/registers.ts';
import { dumpRank, label4, labelAt, RANKS } from './dump.ts';
import { newHeader, parseHeader, parseTail, TAILS } from './header.ts';
import { hexRun, highHalf, lowHalf } from './hex.ts';
import type { DumpLayouts } from './layouts.ts';

/** Where a register stands in the dump. */
type Place =
  | { readonly kind: 'column'; readonly rank: number; readonly column: number } // of four equal columns
  | { readonly kind: 'label'; readonly rank: number; readonly label: number } // behind a four-byte label in the line
  | { readonly kind: 'at'; readonly rank: number; readonly offset: number } // at a fixed offset
  | { readonly kind: 'second'; readonly rank: number } // the field after the one at offset 9
  | { readonly kind: 'flags'; readonly rank: number } // behind the instruction pointer: RFL= or EFL=
  | { readonly kind: 'state'; readonly rank: number; readonly label: number }; // behind the flags' letters in brackets

const column = (rank: number, index: number): Place => ({ kind: 'column', rank, column: index });
const label = (rank: number, text: string): Place => ({ kind: 'label', rank, label: label4(text) });
const at = (rank: number, offset: number): Place => ({ kind: 'at', rank, offset });

/** The lines of four general registers each. */
const COLUMNS = [
  [RANKS.first, ['rax', 'rbx', 'rcx', 'rdx']],
  [RANKS.rsi, ['rsi', 'rdi', 'rbp', 'rsp']],
  [RANKS.r8, ['r8', 'r9', 'r10', 'r11']],
  [RANKS.r12, ['r12', 'r13', 'r14', 'r15']],
] as const;

const SEGMENTS = ['es', 'cs', 'ss', 'ds', 'fs', 'gs', 'ldt', 'tr'] as const;

/** By register; made when a program first reads one from a dump. */
let places: readonly (Place | undefined)[] | undefined;

function placeOf(registerId: number): Place | undefined {
  places ??= placeTable();
  return places[registerId];
}

function placeTable(): readonly (Place | undefined)[] {
  const table: (Place | undefined)[] = new Array(REGISTER_COUNT).fill(undefined);
  const put = (name: keyof typeof REGISTERS, place: Place): void => {
    table[REGISTERS[name].id] = place;
  };
  for (const [rank, names] of COLUMNS) for (const [i, name] of names.entries()) put(name, column(rank, i));
  put('rip', at(RANKS.rip, 4));
  put('rflags', { kind: 'flags', rank: RANKS.rip });
  put('smm', { kind: 'state', rank: RANKS.rip, label: label4('SMM=') });
  put('hlt', { kind: 'state', rank: RANKS.rip, label: label4('HLT=') });
  for (const [i, name] of SEGMENTS.entries()) {
    put(name, at(RANKS.es + i, 4));
    put(`${name}_base`, at(RANKS.es + i, 9));
  }
  put('gdt_base', at(RANKS.gdt, 9));
  put('gdt_limit', { kind: 'second', rank: RANKS.gdt });
  put('idt_base', at(RANKS.idt, 9));
  put('idt_limit', { kind: 'second', rank: RANKS.idt });
  for (const name of ['cr0', 'cr2', 'cr3', 'cr4'] as const) {
    put(name, label(RANKS.cr0, `${name.toUpperCase()}=`));
  }
  for (const name of ['dr0', 'dr1', 'dr2', 'dr3'] as const) {
    put(name, label(RANKS.dr0, `${name.toUpperCase()}=`));
  }
  put('dr6', label(RANKS.dr6, 'DR6='));
  put('dr7', label(RANKS.dr6, 'DR7='));
  put('efer', at(RANKS.efer, 5));
  return table;
}

/** ` RFL=00000202 [-------]` between the instruction pointer and the CPU's state. */
const STATE_BYTES = 23;

const RIP = REGISTERS.rip.id;
const RSP = REGISTERS.rsp.id;
const CS = REGISTERS.cs.id;
const SS = REGISTERS.ss.id;
const CR2 = REGISTERS.cr2.id;
const RAX = REGISTERS.rax.id;

/** Registers that every header gives, in full width. */
function isPlace(registerId: number): boolean {
  return registerId === RIP || registerId === RSP || registerId === CS || registerId === SS;
}

/** Registers that a header's tail may give; the dump is preferred, since a tail may be another CPU's. */
function isTail(registerId: number): boolean {
  return registerId === CR2 || registerId === RAX;
}

/** A header is shorter than this: number, cause, three addresses and the tail. */
const MAX_HEADER_BYTES = 256;
const NO_LAYOUT = -1;

/** Where the rows' texts lie, as columns in linear memory: byte offsets of u32 columns; 0 in a row = none. */
export interface TextColumns {
  readonly heads: number;
  readonly dumps: number;
  readonly dumpEnds: number;
  readonly layoutIds: number; // i32, NO_LAYOUT when the dump must be walked
}
/** Bytes per row of the columns that are not the batch's own: all but the dumps, which its `text` column has. */
export const TEXT_ROW_BYTES = 12;

/** The reader over the rows' texts. One per scanner, reused for every batch. */
export class RowTexts implements RegisterReader {
  private readonly layouts: DumpLayouts;
  private readonly memory: LinearMemory;
  columns: TextColumns = { heads: 0, dumps: 0, dumpEnds: 0, layoutIds: 0 };
  private readonly header = newHeader();

  constructor(memory: LinearMemory, layouts: DumpLayouts) {
    this.memory = memory;
    this.layouts = layouts;
  }

  /** Rows are those of this batch from now on; `space` has TEXT_ROW_BYTES for each. */
  attach(batch: EventBatch, space: number): void {
    const size = 4 * batch.capacity;
    const dumps = batch.at.text;
    this.columns = { heads: space, dumps, dumpEnds: space + size, layoutIds: space + 2 * size };
  }

  set(row: number, head: number, dump: number, dumpEnd: number, layoutId: number): void {
    const { u32, i32 } = this.memory;
    const { heads, dumps, dumpEnds, layoutIds } = this.columns;
    u32[(heads >> 2) + row] = head;
    u32[(dumps >> 2) + row] = dump;
    u32[(dumpEnds >> 2) + row] = dumpEnd;
    i32[(layoutIds >> 2) + row] = layoutId;
  }

  private cell(column: keyof TextColumns, row: number): number {
    return this.memory.u32[(this.columns[column] >> 2) + row]!;
  }

  read(row: number, registerId: number, out: LinearMemory, outOffset: number): boolean {
    const hasHead = this.cell('heads', row) > 0;
    if (hasHead && isPlace(registerId)) return this.readHeader(row, registerId, out, outOffset);
    if (this.readDump(row, registerId, out, outOffset)) return true;
    return hasHead && isTail(registerId) && this.readHeader(row, registerId, out, outOffset);
  }

  private readDump(row: number, registerId: number, out: LinearMemory, outOffset: number): boolean {
    const place = placeOf(registerId);
    if (place === undefined || this.cell('dumps', row) === 0) return false;
    const start = this.lineOf(row, place.rank);
    if (start < 0) return false;
    const u8 = this.memory.u8;
    const dumpEnd = this.cell('dumpEnds', row);
    const field = fieldAt(u8, start, lineEnd(u8, start, dumpEnd), place);
    return field >= 0 && putHex(u8, field, dumpEnd, out, outOffset);
  }

  private readHeader(row: number, registerId: number, out: LinearMemory, outOffset: number): boolean {
    const { u8 } = this.memory;
    const header = this.header;
    const head = this.cell('heads', row);
    const end = parseHeader(u8, head, head + MAX_HEADER_BYTES, header);
    if (end < 0) return false;
    if (registerId === RIP) put64(out, outOffset, header.ipLow, header.ipHigh);
    else if (registerId === RSP) put64(out, outOffset, header.spLow, header.spHigh);
    else if (registerId === CS) put64(out, outOffset, header.cs, 0);
    else if (registerId === SS) put64(out, outOffset, header.ss, 0);
    else {
      parseTail(u8, end, end + MAX_HEADER_BYTES, header);
      if (header.tail !== (registerId === CR2 ? TAILS.cr2 : TAILS.rax)) return false;
      put64(out, outOffset, header.tailLow, header.tailHigh);
    }
    return true;
  }

  /** Start of the row's dump line of that rank, or -1. */
  private lineOf(row: number, rank: number): number {
    const dump = this.cell('dumps', row);
    const layoutId = this.cell('layoutIds', row) | 0;
    if (layoutId !== NO_LAYOUT) {
      const relative = this.layouts.get(layoutId)!.rankStarts[rank]!;
      return relative < 0 ? -1 : dump + relative;
    }
    const u8 = this.memory.u8;
    const end = this.cell('dumpEnds', row);
    for (let p = dump; p < end; p = lineEnd(u8, p, end) + 1) if (dumpRank(u8, p, end) === rank) return p;
    return -1;
  }
}

/** Where a register's digits stand in a whole dump whose lines of each rank are known: its line, and they; undefined: nowhere. */
export function registerIn(
  dump: Uint8Array,
  rankStarts: Int32Array,
  registerId: number,
): { readonly line: number; readonly field: number; readonly digits: number } | undefined {
  const place = placeOf(registerId);
  const line = place === undefined ? -1 : rankStarts[place.rank]!;
  if (place === undefined || line < 0) return undefined;
  const field = fieldAt(dump, line, lineEnd(dump, line, dump.length), place);
  const digits = field < 0 ? 0 : hexRun(dump, field, Math.min(dump.length, field + 16));
  return digits === 0 ? undefined : { line, field, digits };
}

function lineEnd(u8: Uint8Array, from: number, end: number): number {
  let p = from;
  while (p < end && u8[p] !== 0x0a) p++;
  return p;
}

/** Where the field's digits begin in the line [start, end), or -1. */
function fieldAt(u8: Uint8Array, start: number, end: number, place: Place): number {
  switch (place.kind) {
    case 'at':
      return start + place.offset;
    case 'column':
      return start + 4 + place.column * (hexRun(u8, start + 4, end) + 5);
    case 'second': {
      const digits = hexRun(u8, start + 9, end);
      return digits > 0 ? start + 9 + digits + 1 : -1;
    }
    case 'flags':
      return start + 4 + hexRun(u8, start + 4, end) + 5;
    case 'state':
      return behindLabel(u8, start + 4 + hexRun(u8, start + 4, end) + STATE_BYTES, end, place.label);
    case 'label':
      return behindLabel(u8, start, end, place.label);
  }
}

function behindLabel(u8: Uint8Array, start: number, end: number, wanted: number): number {
  for (let p = start; p + 4 < end; p++) if (labelAt(u8, p) === wanted) return p + 4;
  return -1;
}

function putHex(u8: Uint8Array, from: number, end: number, out: LinearMemory, outOffset: number): boolean {
  const digits = hexRun(u8, from, Math.min(end, from + 16));
  if (digits === 0) return false;
  put64(out, outOffset, lowHalf(u8, from, digits), highHalf(u8, from, digits));
  return true;
}

function put64(out: LinearMemory, outOffset: number, low: number, high: number): void {
  out.i32[outOffset >> 2] = low;
  out.i32[(outOffset >> 2) + 1] = high;
}
