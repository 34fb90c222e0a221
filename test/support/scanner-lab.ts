/** The x86 scanner alone over bytes in memory, for tests of its state and of where it leaves off. */
import { LinearMemory } from '../../src/base/linear-memory.ts';
import { EVENT_FLAGS, EventBatch } from '../../src/machine/event-batch.ts';
import { Ledger } from '../../src/machine/ledger.ts';
import { NO_NEEDS, type SourceNeeds } from '../../src/machine/needs.ts';
import { REGISTER_COUNT } from '../../src/machine/registers.ts';
import type { ByteInput } from '../../src/sources/byte-input.ts';
import { CpuTable } from '../../src/sources/qemu-x86/cpus.ts';
import { IntLogScanner } from '../../src/sources/qemu-x86/int-log.ts';
import { openKernel } from '../../src/sources/qemu-x86/kernel.ts';
import { DumpLayouts } from '../../src/sources/qemu-x86/layouts.ts';
import type { ScanState } from '../../src/sources/qemu-x86/scan-state.ts';
import { Window } from '../../src/sources/window.ts';

const NEEDS: SourceNeeds = {
  ...NO_NEEDS,
  cpl: true,
  errcode: true,
  pc: true,
  sp: true,
  faddr: true,
  time: true,
  line: true,
};

export interface Scanned {
  readonly events: readonly string[]; // every column of each, and its registers when asked for
  readonly run: number; // events that WebAssembly has taken, many at once
  readonly columned: number; // events whose registers were in columns
  readonly prompt: readonly number[]; // events when all of each piece was scanned
  readonly ledger: Ledger;
  readonly state: ScanState | undefined; // at the end
}

export interface ScanOptions {
  readonly state?: ScanState;
  readonly windowBytes?: number;
  readonly scan?: 'fast' | 'careful';
  /** As in an engine without vectors. */
  readonly hasVectors?: boolean;
  /** Ids of registers with columns; then all registers are read, too, and those of columns compared with them. */
  readonly columns?: readonly number[];
  /** As from a pipe whose writer pauses after each piece: where pieces end, in order. */
  readonly pauses?: readonly number[];
}

export function scanBytes(bytes: Uint8Array, options: ScanOptions = {}): Scanned {
  const memory = new LinearMemory();
  const window = new Window(memory, options.windowBytes);
  window.attach(options.pauses ? pausingInput(bytes, options.pauses) : bytesInput(bytes));
  const ledger = new Ledger();
  const { state, columns } = options;
  const register = memory.reserve(8);
  const needs = columns === undefined ? NEEDS : { ...NEEDS, registers: true, registerColumns: columns };
  const setup = {
    memory,
    window,
    ledger,
    needs,
    scan: options.scan ?? 'fast',
    cpus: state === undefined ? new CpuTable() : CpuTable.from(state.cpus),
    timeBase: { firstMicros: state?.firstMicros ?? Number.NaN },
    layouts: new DumpLayouts(memory, options.hasVectors === false ? undefined : openKernel(memory)),
  };
  const scanner = new IntLogScanner('log', setup, state);
  const batch = new EventBatch(memory, 64, columns);
  const events: string[] = [];
  const prompt: number[] = [];
  let columned = 0;
  while (!scanner.done) {
    batch.count = 0;
    batch.registers = scanner.texts;
    scanner.scan(batch);
    for (let row = 0; row < batch.count; row++) {
      const flagsAt = batch.at.flags + row;
      const hasColumns = (memory.u8[flagsAt]! & EVENT_FLAGS.COLUMNS) !== 0;
      memory.u8[flagsAt]! &= ~EVENT_FLAGS.COLUMNS;
      const text = textOf(memory, batch, row);
      if (columns === undefined) events.push(text);
      else events.push(`${text} ${registersOf(memory, batch, row, register, hasColumns)}`);
      if (hasColumns) columned++;
    }
    if (batch.count > 0 || scanner.done) continue;
    prompt.push(events.length);
    void window.refill(scanner.keepFrom);
  }
  return { events, run: scanner.runEvents, columned, prompt, ledger, state: scanner.state() };
}

/** All registers of a row; the columns, when they are filled, must say the same. */
function registersOf(
  memory: LinearMemory,
  batch: EventBatch,
  row: number,
  at: number,
  hasColumns: boolean,
): string {
  const values: string[] = [];
  for (let id = 0; id < REGISTER_COUNT; id++) {
    const column = hasColumns ? batch.registerColumns.get(id) : undefined;
    const has = batch.registers.read(row, id, memory, at);
    const value = has ? memory.u64[at >> 3]! : undefined;
    if (column !== undefined && memory.u64[(column >> 3) + row] !== value) {
      const found = memory.u64[(column >> 3) + row]!.toString(16);
      throw new Error(`column of register ${id}: ${found} for ${value?.toString(16)}`);
    }
    values.push(value?.toString(16) ?? '-');
  }
  return values.join();
}

export function bytesInput(bytes: Uint8Array): ByteInput {
  let at = 0;
  return {
    live: false,
    damage: undefined,
    doneBytes: 0,
    totalBytes: bytes.length,
    read(memory, to, size) {
      const part = bytes.subarray(at, at + size);
      memory.u8.set(part, to);
      at += part.length;
      return part.length;
    },
    close: () => undefined,
  };
}

function pausingInput(bytes: Uint8Array, pauses: readonly number[]): ByteInput {
  let at = 0;
  let next = 0;
  return {
    live: true,
    damage: undefined,
    doneBytes: 0,
    totalBytes: undefined,
    read(memory, to, size) {
      while (next < pauses.length && pauses[next]! <= at) next++;
      const part = bytes.subarray(at, Math.min(pauses[next] ?? bytes.length, at + size));
      memory.u8.set(part, to);
      at += part.length;
      return part.length;
    },
    close: () => undefined,
  };
}

function textOf(memory: LinearMemory, batch: EventBatch, row: number): string {
  const { at } = batch;
  const long = (column: number): string => memory.u64[(column >> 3) + row]!.toString(16);
  return [
    memory.u8[at.kind + row],
    memory.u8[at.flags + row],
    memory.u8[at.cpl + row],
    memory.u16[(at.cpu >> 1) + row],
    memory.u16[(at.vector >> 1) + row],
    ...[at.seq, at.errcode, at.pc, at.sp, at.faddr].map(long),
    memory.f64[(at.time >> 3) + row],
    memory.f64[(at.line >> 3) + row],
  ].join(' ');
}
