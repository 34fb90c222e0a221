/** The scanner of Arm and RISC-V logs alone over bytes in memory, with runs of records in inputs of any size. */

import { LinearMemory } from '../../src/base/linear-memory.ts';
import { EventBatch } from '../../src/machine/event-batch.ts';
import { Ledger } from '../../src/machine/ledger.ts';
import { NO_NEEDS, type SourceNeeds } from '../../src/machine/needs.ts';
import { COLUMN_REGISTERS, REGISTER_COUNT } from '../../src/machine/registers.ts';
import { LineLog } from '../../src/sources/line-log.ts';
import type { LogRules } from '../../src/sources/log-rules.ts';
import { ArmRules } from '../../src/sources/qemu-arm/arm-log.ts';
import { RiscvRules } from '../../src/sources/qemu-riscv/riscv-log.ts';
import { CpuTable } from '../../src/sources/qemu-x86/cpus.ts';
import { openKernel } from '../../src/sources/qemu-x86/kernel.ts';
import { DumpLayouts } from '../../src/sources/qemu-x86/layouts.ts';
import { Window } from '../../src/sources/window.ts';
import { bytesInput } from './scanner-lab.ts';

const ALL: SourceNeeds = {
  ...NO_NEEDS,
  ...{ cpl: true, errcode: true, pc: true, sp: true, faddr: true, time: true, line: true, registers: true },
};
const IDS: readonly number[] = [
  ...Object.values(COLUMN_REGISTERS),
  ...Array.from({ length: REGISTER_COUNT }, (_, id) => id),
];

export interface LinesScanned {
  readonly events: readonly string[]; // every column of each, and its registers
  readonly runRows: number; // that were taken many at once
  readonly ledger: Ledger;
  readonly cpuCount: number;
}

export interface LineOptions {
  readonly target: 'arm' | 'riscv';
  readonly scan?: 'fast' | 'careful';
  readonly windowBytes?: number;
  readonly batchRows?: number;
}

export function scanLines(bytes: Uint8Array, options: LineOptions): LinesScanned {
  const memory = new LinearMemory();
  const window = new Window(memory, options.windowBytes);
  window.attach(bytesInput(bytes));
  const ledger = new Ledger();
  const rules: LogRules = options.target === 'arm' ? new ArmRules() : new RiscvRules();
  let runRows = 0;
  const { runs } = rules;
  if (runs !== undefined) {
    const settle = runs.settle.bind(runs);
    runs.settle = (rows) => {
      runRows += rows.end - rows.from;
      return settle(rows);
    };
  }
  const setup = {
    ...{ memory, window, ledger, needs: ALL, scan: options.scan ?? 'fast', cpus: new CpuTable() },
    timeBase: { firstMicros: Number.NaN },
    layouts: new DumpLayouts(memory, openKernel(memory)),
  };
  const log = new LineLog('log', setup, rules, 1, 0);
  const register = memory.reserve(8);
  const batch = new EventBatch(memory, options.batchRows);
  const events: string[] = [];
  while (!log.done) {
    batch.count = 0;
    log.scan(batch);
    for (let row = 0; row < batch.count; row++) events.push(textOf(batch, row, register));
    if (batch.count === 0 && !log.done) void window.refill(log.keepFrom);
  }
  return { events, runRows, ledger, cpuCount: batch.cpuCount };
}

function textOf(batch: EventBatch, row: number, register: number): string {
  const { at, memory } = batch;
  const long = (column: number): string => memory.u64[(column >> 3) + row]!.toString(16);
  const registers: string[] = [];
  for (const id of IDS) {
    const isKnown = batch.registers.read(row, id, memory, register);
    if (isKnown) registers.push(`${id}=${memory.u64[register >> 3]!.toString(16)}`);
  }
  return [
    ...[memory.u8[at.kind + row], memory.u8[at.flags + row], memory.u8[at.cpl + row]],
    ...[memory.u16[(at.cpu >> 1) + row], memory.u16[(at.vector >> 1) + row]],
    ...[at.seq, at.errcode, at.pc, at.sp, at.faddr].map(long),
    ...[memory.f64[(at.time >> 3) + row], memory.f64[(at.line >> 3) + row], memory.u32[(at.text >> 2) + row]],
    ...registers,
  ].join(' ');
}
