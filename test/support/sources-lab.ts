/** Replays for tests of `src/sources`: a log in, everything that came out of it as plain values. */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import zlib from 'node:zlib';
import { LinearMemory } from '../../src/base/linear-memory.ts';
import type { Diagnostic } from '../../src/diag/diagnostics.ts';
import { EVENT_FLAGS, EVENT_KINDS, EventBatch } from '../../src/machine/event-batch.ts';
import type { Loss } from '../../src/machine/ledger.ts';
import type { SourceNeeds } from '../../src/machine/needs.ts';
import { REGISTER_COUNT } from '../../src/machine/registers.ts';
import { openReplay } from '../../src/sources/replay.ts';

export function tracePath(name: string): string {
  return path.join(import.meta.dirname, '../../examples/traces', `${name}.log.gz`);
}

export function traceBytes(name: string): Buffer {
  return zlib.gunzipSync(fs.readFileSync(tracePath(name)));
}

const ALL: SourceNeeds = {
  cpl: true,
  errcode: true,
  pc: true,
  sp: true,
  faddr: true,
  time: true,
  line: true,
  registers: true,
  args: true,
  registerColumns: [],
};

export interface Outcome {
  readonly vectors: Record<string, number>; // two hex digits → interrupt records
  readonly masked: Record<string, number>; // the same, with IF=0 only
  readonly kinds: Record<string, number>;
  readonly cpls: Record<string, number>;
  readonly cpus: Record<string, number>; // interrupt records per CPU
  readonly hardware: number;
  readonly unknownIf: number;
  readonly cpuCount: number;
  readonly hasTime: boolean;
  readonly rows: readonly Row[]; // when asked for
  readonly digest: string; // of every column of every event, and of the registers when asked for
  readonly ledger: LedgerFacts;
  readonly diagnostic: Diagnostic | undefined;
}

export interface LedgerFacts {
  readonly totalBytes: number;
  readonly accountedBytes: number;
  readonly events: number;
  readonly eventBytes: number;
  readonly repaired: number;
  readonly nonEvents: Record<string, { readonly count: number; readonly bytes: number }>;
  readonly losses: Record<string, Loss>;
}

export interface Row {
  readonly kind: string;
  readonly vector: number;
  readonly flags: number;
  readonly cpu: number;
  readonly cpl: number;
  readonly seq: bigint;
  readonly errcode: bigint;
  readonly pc: bigint;
  readonly sp: bigint;
  readonly faddr: bigint;
  readonly time: number;
  readonly line: number;
  readonly registers: ReadonlyMap<number, bigint>;
}

export interface LabOptions {
  readonly scan?: 'fast' | 'careful';
  readonly windowBytes?: number;
  readonly rows?: boolean;
  readonly registers?: boolean; // read every register of every row (slow)
  readonly needsRegisters?: boolean; // false: as for a program that reads none
  readonly stdin?: number;
  readonly batchRows?: number;
}

const KIND_NAMES = new Map<number, string>(Object.entries(EVENT_KINDS).map(([name, id]) => [id, name]));

export async function replay(paths: readonly string[], options: LabOptions = {}): Promise<Outcome> {
  const memory = new LinearMemory();
  const register = memory.reserve(8);
  const opened = await openReplay({
    paths,
    needs: { ...ALL, registers: options.needsRegisters ?? true },
    memory,
    stdin: options.stdin ?? 0,
    scan: options.scan ?? 'fast',
    ...(options.windowBytes === undefined ? {} : { windowBytes: options.windowBytes }),
  });
  if ('tag' in opened) return { ...emptyOutcome(), diagnostic: opened };
  const batch = new EventBatch(memory, options.batchRows);
  const outcome = { ...emptyOutcome(), hasTime: opened.hasTime, rows: [] as Row[] };
  const hash = createHash('sha1');
  for (;;) {
    const count = await opened.fill(batch);
    if (typeof count !== 'number') {
      outcome.diagnostic = count;
      continue; // the next call says 0
    }
    if (count === 0) break;
    for (let row = 0; row < count; row++) {
      const event = readRow(memory, batch, row, options.registers === true ? register : 0);
      hash.update(JSON.stringify(event, (_, value) => plain(value)));
      if (options.rows === true) outcome.rows.push(event);
      tally(outcome, event);
    }
    outcome.cpuCount = batch.cpuCount;
  }
  await opened.close();
  const { ledger } = opened;
  outcome.digest = hash.digest('hex');
  outcome.ledger = {
    totalBytes: ledger.totalBytes,
    accountedBytes: ledger.accountedBytes,
    events: ledger.events,
    eventBytes: ledger.eventBytes,
    repaired: ledger.repaired,
    nonEvents: Object.fromEntries(ledger.nonEvents),
    losses: Object.fromEntries(ledger.losses),
  };
  return outcome;
}

function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString();
  if (value instanceof Map) return [...value].map(([id, bits]) => `${id}=${bits}`).join();
  return value;
}

function readRow(memory: LinearMemory, batch: EventBatch, row: number, register: number): Row {
  const { at } = batch;
  const long = (column: number): bigint => memory.u64[(column >> 3) + row]!;
  const registers = new Map<number, bigint>();
  for (let id = 0; register > 0 && id < REGISTER_COUNT; id++) {
    if (batch.registers.read(row, id, memory, register)) registers.set(id, memory.u64[register >> 3]!);
  }
  return {
    kind: KIND_NAMES.get(memory.u8[at.kind + row]!)!,
    vector: memory.u16[(at.vector >> 1) + row]!,
    flags: memory.u8[at.flags + row]!,
    cpu: memory.u16[(at.cpu >> 1) + row]!,
    cpl: memory.u8[at.cpl + row]!,
    seq: long(at.seq),
    errcode: long(at.errcode),
    pc: long(at.pc),
    sp: long(at.sp),
    faddr: long(at.faddr),
    time: memory.f64[(at.time >> 3) + row]!,
    line: memory.f64[(at.line >> 3) + row]!,
    registers,
  };
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

function emptyOutcome(): Mutable<Outcome> {
  return {
    vectors: {},
    masked: {},
    kinds: {},
    cpls: {},
    cpus: {},
    hardware: 0,
    unknownIf: 0,
    cpuCount: 1,
    hasTime: false,
    rows: [],
    digest: '',
    ledger: {
      totalBytes: 0,
      accountedBytes: 0,
      events: 0,
      eventBytes: 0,
      repaired: 0,
      nonEvents: {},
      losses: {},
    },
    diagnostic: undefined,
  };
}

function tally(outcome: Mutable<Outcome>, event: Row): void {
  const add = (counts: Record<string, number>, key: string | number): void => {
    counts[key] = (counts[key] ?? 0) + 1;
  };
  add(outcome.kinds, event.kind);
  if (event.kind !== 'vec') return;
  const vector = event.vector.toString(16).padStart(2, '0');
  add(outcome.vectors, vector);
  add(outcome.cpls, event.cpl);
  add(outcome.cpus, event.cpu);
  if ((event.flags & EVENT_FLAGS.HARDWARE) !== 0) outcome.hardware++;
  if ((event.flags & EVENT_FLAGS.IF_KNOWN) === 0) outcome.unknownIf++;
  else if ((event.flags & EVENT_FLAGS.IF) === 0) add(outcome.masked, vector);
}

/** A folder of its own for a test file; removed by `remove`. */
export function scratchFolder(): {
  readonly write: (name: string, bytes: string | Uint8Array) => string;
  readonly remove: () => void;
} {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'trapline-sources-'));
  return {
    write(name, bytes) {
      const file = path.join(folder, name);
      fs.writeFileSync(file, bytes);
      return file;
    },
    remove: () => fs.rmSync(folder, { recursive: true, force: true }),
  };
}

/** What must agree between two ways of replaying the same bytes. */
export function comparable(outcome: Outcome): unknown {
  const { digest, ledger, kinds, vectors, cpus } = outcome;
  const losses = Object.fromEntries(
    Object.entries(ledger.losses).map(([kind, { count, bytes, first }]) => [
      kind,
      { count, bytes, line: first?.line },
    ]),
  );
  return { digest, kinds, vectors, cpus, ledger: { ...ledger, losses } };
}
