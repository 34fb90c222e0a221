/**
 * A small laboratory for the engine room: programs made of assembled DIF, an engine around them, and what it drains.
 *
 * Probes: 1 to 3 are BEGIN, END, ERROR; PROBE and OTHER are two more. Row 0 of the batch is an event.
 */
import { LinearMemory } from '../../src/base/linear-memory.ts';
import type { AggFuncName } from '../../src/dif/aggregating-functions.ts';
import { assemble } from '../../src/dif/assemble.ts';
import type { RecordSink } from '../../src/dif/consumer-contract.ts';
import type { DropKind } from '../../src/dif/drops.ts';
import { FAULTS, type FaultName } from '../../src/dif/faults.ts';
import type {
  Action,
  Aggregation,
  AggregationParams,
  Clause,
  Difo,
  Program,
  RecordedStack,
  RecordedValue,
  UserVariable,
  ValueShape,
} from '../../src/dif/program.ts';
import { verifyProgram } from '../../src/dif/verify.ts';
import { createEngine } from '../../src/engine/engine.ts';
import type { Engine, EngineSizes, TierChoice } from '../../src/engine/engine-contract.ts';
import { Firing } from '../../src/engine/firing.ts';
import { ProbeTable } from '../../src/engine/probes.ts';
import { EventBatch } from '../../src/machine/event-batch.ts';
import type { MemoryReader } from '../../src/machine/target.ts';

export const BEGIN = 1;
export const END = 2;
export const ERROR = 3;
export const PROBE = 4;
export const OTHER = 5;

export const STRSIZE = 256;

export function intShape(sizeBytes = 8, signed = true): ValueShape {
  const type = { kind: 'int', name: 'int', sizeBytes: sizeBytes as 8, signed } as const;
  return { kind: 'int', sizeBytes, signed, type };
}
export const STRING: ValueShape = { kind: 'string', sizeBytes: 0, signed: false, type: { kind: 'string' } };
export function bytesShape(sizeBytes: number): ValueShape {
  return { kind: 'bytes', sizeBytes, signed: false, type: { kind: 'void' } };
}
export const VOID: ValueShape = { kind: 'void', sizeBytes: 0, signed: false, type: { kind: 'void' } };

/** DIF text → Difo with a result of that shape. */
export function dif(text: string, result: ValueShape = intShape()): Difo {
  const difo = assemble(text);
  if ('error' in difo) throw new Error(`line ${difo.line}: ${difo.error}\n${text}`);
  return { ...difo, result };
}

/** A DIFO that returns a constant. */
export function constant(value: bigint | number): Difo {
  return dif(`setx ${value}, %r1\nret %r1`);
}

export function variable(
  scope: UserVariable['scope'],
  number: number,
  value: ValueShape = intShape(),
  keys?: readonly ValueShape[],
): UserVariable {
  return { id: 0x500 + number, name: `${scope}${number}`, scope, keys, value };
}

export function aggregation(
  id: number,
  func: AggFuncName,
  keys: readonly ValueShape[] = [],
  params: AggregationParams = { kind: 'none' },
): Aggregation {
  return { id, name: `a${id}`, func, keys, value: intShape(), params };
}

/** A statement of a clause, to be numbered and laid out by `makeClause`. */
export type Statement =
  | { readonly kind: 'expression' | 'speculate' | 'commit' | 'discard'; readonly difo: Difo }
  | { readonly kind: 'trace' | 'exit'; readonly difo: Difo }
  | { readonly kind: 'printf'; readonly values: readonly (Difo | StackText)[] }
  | {
      readonly kind: 'aggregate';
      readonly aggregation: number;
      readonly keys?: readonly (Difo | 'stack' | 'ustack')[];
      readonly value?: Difo;
      readonly increment?: Difo;
    }
  | { readonly kind: 'branch'; readonly difo: Difo; readonly whenFalse: number }
  | { readonly kind: 'jump'; readonly to: number }
  | { readonly kind: 'clear'; readonly aggregation: number }
  | StackText
  | { readonly kind: 'stop' };

export interface StackText {
  readonly kind: 'stack' | 'ustack';
  readonly frames: number;
}

export function evaluate(text: string): Statement {
  return { kind: 'expression', difo: dif(text, VOID) };
}
export function trace(text: string, shape: ValueShape = intShape()): Statement {
  return { kind: 'trace', difo: dif(text, shape) };
}
export function exit(status: number): Statement {
  return { kind: 'exit', difo: dif(`setx ${status}, %r1\nret %r1`, intShape(4)) };
}

export interface ClauseText {
  readonly predicate?: string;
  readonly statements: readonly Statement[];
}

export function makeClause(index: number, text: ClauseText): Clause {
  let offset = 0;
  const taken = text.statements.some(({ kind }) => kind === 'branch') ? 0 : undefined;
  if (taken !== undefined) offset = 8;
  let number = 1;
  const field = (shape: ValueShape, sizeBytes: number) => {
    const placed = { offset, shape, sizeBytes };
    offset += Math.ceil(sizeBytes / 8) * 8;
    return placed;
  };
  const value = (difo: Difo): RecordedValue => {
    const { result } = difo;
    return { difo, field: field(result, result.kind === 'string' ? STRSIZE + 1 : result.sizeBytes) };
  };
  const stack = ({ kind, frames }: StackText): RecordedStack => {
    const shape: ValueShape = {
      kind: 'stack',
      sizeBytes: frames * 8,
      signed: false,
      type: { kind: 'stack' },
    };
    return { kind, frames, field: field(shape, shape.sizeBytes) };
  };
  const actions = text.statements.map((statement): Action => {
    const own = number;
    number += numbersOf(statement);
    switch (statement.kind) {
      case 'trace':
      case 'exit':
        return { number: own, kind: statement.kind, value: value(statement.difo) };
      case 'printf':
        return {
          number: own,
          kind: 'printf',
          format: { pieces: [] },
          values: statement.values.map((each) => ('code' in each ? value(each) : stack(each))),
        };
      case 'aggregate':
        return {
          number: own,
          kind: 'aggregate',
          aggregation: statement.aggregation,
          keys: (statement.keys ?? []).map((key) =>
            typeof key === 'string' ? { kind: key, frames: 5 } : { kind: 'value', difo: key },
          ),
          value: statement.value,
          increment: statement.increment,
        };
      case 'stack':
      case 'ustack':
        return { number: own, ...stack(statement) };
      default:
        return { number: own, ...statement };
    }
  });
  const recording = ['trace', 'printf', 'exit', 'clear', 'stack', 'ustack', 'speculate'];
  const records =
    text.statements.length === 0 || text.statements.some(({ kind }) => recording.includes(kind));
  return {
    index,
    patterns: [],
    predicate: text.predicate === undefined ? undefined : dif(text.predicate),
    actions,
    layout: { payloadBytes: offset, taken },
    records,
    line: 1,
  };
}

/** An aggregation takes one per key, one for the value whether there is one or not, one for an increment. */
function numbersOf(statement: Statement): number {
  switch (statement.kind) {
    case 'aggregate':
      return (statement.keys?.length ?? 0) + 1 + (statement.increment ? 1 : 0);
    case 'printf':
      return Math.max(1, statement.values.length);
    case 'jump':
      return 0;
    default:
      return 1;
  }
}

export interface Drained {
  readonly epid: number;
  readonly cpu: number;
  readonly time: bigint;
  readonly payload: DataView;
}

export interface LabOptions {
  readonly sizes?: Partial<EngineSizes>;
  readonly variables?: readonly UserVariable[];
  readonly aggregations?: readonly Aggregation[];
  readonly guestMemory?: MemoryReader;
  readonly verify?: false;
  readonly tier?: TierChoice;
  readonly isLong?: boolean;
}

/** TIER=fast runs every test of the engine on the fast tier. */
export const TIER: TierChoice = process.env['TIER'] === 'fast' ? 'fast' : 'auto';

export class Lab {
  readonly memory = new LinearMemory();
  readonly batch = new EventBatch(this.memory, 16);
  readonly firing = new Firing(this.memory, this.batch);
  readonly probes = new ProbeTable();
  readonly engine: Engine;
  readonly program: Program;
  records: Drained[] = [];
  faults: string[] = [];
  drops: string[] = [];

  /** `clauses` by probe, in order. */
  constructor(clauses: readonly (readonly [probe: number, clause: ClauseText])[], options: LabOptions = {}) {
    const names = ['BEGIN', 'END', 'ERROR'];
    for (const name of names) this.probes.create('dtrace', '', '', name);
    this.probes.create('vec', 'exception', 'page_fault', '0x0e');
    this.probes.create('vec', 'interrupt', 'irq', '0x20');
    this.batch.count = 1;
    this.engine = createEngine({
      memory: this.memory,
      probes: this.probes,
      firing: this.firing,
      sizes: { ...SIZES, ...options.sizes },
      identity: { tracerName: 'trapline', tracerPid: 77, sourceName: 'boot.log' },
      guestMemory: options.guestMemory,
      symbols: undefined,
      randomSeed: 1,
      destructive: true,
      tier: options.tier ?? TIER,
      isLong: options.isLong ?? false,
    });
    this.program = {
      name: 'lab',
      clauses: clauses.map(([, text], index) => makeClause(index, text)),
      variables: options.variables ?? [],
      aggregations: options.aggregations ?? [],
      needs: NO_NEEDS,
      destructive: [],
      strsize: STRSIZE,
    };
    if (options.verify !== false) this.check();
    clauses.forEach(([probe], index) => {
      this.engine.enable(this.program, this.program.clauses[index]!, [probe]);
    });
  }

  /** What the interpreter is given must be what the verifier accepts. */
  private check(): void {
    for (const { rule, where, message } of verifyProgram(this.program)) {
      throw new Error(`${rule} ${where}: ${message}`);
    }
  }

  start(): this {
    const refused = this.engine.ready();
    if (refused !== undefined) throw new Error(refused);
    this.engine.begin();
    return this;
  }

  fire(probe = PROBE, cpu = 0, time = 0): void {
    this.firing.cpu = cpu;
    this.firing.setTime(time, 0n);
    this.engine.fire(probe);
  }

  /** Drain into `records`, `faults` and `drops`. */
  drain(): this {
    const sink: RecordSink = {
      record: (ecb, cpu, timeAt, memory, at) => {
        const bytes = memory.u8.slice(at, at + ecb.clause.layout.payloadBytes);
        const time = memory.i64[timeAt >>> 3]!;
        this.records.push({ epid: ecb.epid, cpu, time, payload: new DataView(bytes.buffer) });
      },
      fault: ({ ecb, action, difOffset, code, value }) => {
        this.faults.push(`${ecb.epid} #${action} at ${difOffset}: ${faultName(code)} ${value}`);
      },
      drop: (kind: DropKind, cpu, count) => this.drops.push(`${kind} ${cpu} ${count}`),
    };
    this.engine.drain(sink);
    return this;
  }

  /** The first field of every record, as integers. */
  integers(): bigint[] {
    return this.records.map(({ payload }) => payload.getBigInt64(0, true));
  }

  strings(): string[] {
    return this.records.map(({ payload }) => textAt(payload, 0));
  }

  /** Words of every entry of an aggregation, by its first key. */
  values(id = 0, words = 1): Map<bigint, bigint[]> {
    const result = new Map<bigint, bigint[]>();
    const { i64 } = this.memory;
    for (const { keyOffset, valueOffset } of this.engine.aggregations.entries(
      this.program.aggregations[id]!,
    )) {
      const key = this.program.aggregations[id]!.keys.length === 0 ? 0n : i64[keyOffset / 8]!;
      result.set(key, [...i64.slice(valueOffset / 8, valueOffset / 8 + words)]);
    }
    return result;
  }
}

/** What a DIFO traced in BEGIN gives, or its fault. */
export function resultOf(text: string, options: LabOptions = {}): bigint | string {
  const lab = new Lab([[BEGIN, { statements: [trace(text)] }]], options).start().drain();
  return lab.faults[0] ?? lab.integers()[0]!;
}

export function textOf(text: string, options: LabOptions = {}): string {
  const lab = new Lab([[BEGIN, { statements: [trace(text, STRING)] }]], options).start().drain();
  return lab.faults[0] ?? lab.strings()[0]!;
}

export function textAt(payload: DataView, offset: number): string {
  let text = '';
  for (let at = offset; payload.getUint8(at) !== 0; at++) text += String.fromCharCode(payload.getUint8(at));
  return text;
}

function faultName(code: number): string {
  return (Object.keys(FAULTS) as FaultName[]).find((name) => FAULTS[name].code === code) ?? `${code}`;
}

export const SIZES: EngineSizes = {
  strsize: STRSIZE,
  bufsize: 1 << 22,
  bufsizeIsExplicit: false,
  aggsize: undefined,
  dynvarsize: 1 << 20,
  scratchsize: 256,
  nspec: 2,
  specsize: 4096,
};

const NO_NEEDS = {
  cpl: false,
  errcode: false,
  pc: false,
  sp: false,
  faddr: false,
  time: false,
  line: false,
  registers: false,
  args: false,
  registerColumns: [],
};
