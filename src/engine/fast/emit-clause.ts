/**
 * A prepared clause as one WebAssembly function: predicate and steps in a row.
 *
 * Integer fields of records, `taken` bits, branches, and aggregations of integers under integer keys are made native; other
 * steps, with their like neighbours, are handed to runSteps (call-outs.ts). A clause that records is two functions,
 * since the space for its record is found between predicate and steps.
 */
import { type WasmLabel, WasmModule } from '../../base/wasm-encode.ts';
import type { AggFuncName } from '../../dif/aggregating-functions.ts';
import { QUANTIZE_ZERO_BUCKET } from '../../dif/aggregating-functions.ts';
import type { AggregationParams } from '../../dif/program.ts';
import { type AggregationTable, NORMAL_BYTES } from '../aggregating.ts';
import type { PreparedClause } from '../ecb.ts';
import { ENTRY } from '../keyed-table.ts';
import { DONE } from '../run-clause.ts';
import { STEPS, type Step } from '../steps.ts';
import { emitDifo } from './emit-difo.ts';
import {
  CALL_OUTS,
  type CallOutName,
  CLAUSE_SIGNATURE,
  CPU,
  Emitter,
  type FastContext,
  MAX_KEY_WORDS,
  PAYLOAD,
  SCRATCH,
  UNMATCHED,
} from './emitter.ts';
import { ModuleLookUps } from './look-up.ts';

/** Names under which a clause's module exports its functions; without a record there is only `steps`. */
export const EXPORTS = { predicate: 'p', steps: 's' } as const;

type CallOutIndices = { readonly [name in CallOutName]: number };

export function importCallOuts(module: WasmModule): CallOutIndices {
  return Object.fromEntries(
    Object.entries(CALL_OUTS).map(([name, signature]) => [name, module.importFunction(name, signature)]),
  ) as Record<CallOutName, number>;
}

export interface ClauseFunctions {
  /** Absent when there is no predicate, or `steps` begins with it. */
  readonly predicate: Emitter | undefined;
  readonly steps: Emitter;
}

/** A clause's functions, for a module. Their call-outs are numbered in `context.fast`; `hasRow`: of rows alone. */
export function clauseFunctions(
  context: FastContext,
  clause: PreparedClause,
  callOuts: CallOutIndices,
  lookUps: ModuleLookUps,
  hasRow: boolean,
): ClauseFunctions {
  const steps = new Emitter(context, callOuts, lookUps, hasRow);
  const predicate =
    clause.records && clause.predicate !== undefined
      ? new Emitter(context, callOuts, lookUps, hasRow)
      : undefined;
  emitPredicate(predicate ?? steps, clause);
  predicate?.code.i32(DONE);
  emitSteps(steps, clause);
  return { predicate, steps };
}

/** The module of one clause, and whether its code is lean (emitter.ts). */
export function clauseModule(
  context: FastContext,
  clause: PreparedClause,
): { readonly module: WasmModule; readonly isLean: boolean } {
  const module = new WasmModule();
  const callOuts = importCallOuts(module);
  const { predicate, steps } = clauseFunctions(context, clause, callOuts, new ModuleLookUps(module), false);
  if (predicate) module.addFunction(CLAUSE_SIGNATURE, predicate.code, EXPORTS.predicate);
  module.addFunction(CLAUSE_SIGNATURE, steps.code, EXPORTS.steps);
  return { module, isLean: steps.isLean && (predicate?.isLean ?? true) };
}

/** Faults of a predicate are those of action 0. */
function emitPredicate(e: Emitter, { predicate }: PreparedClause): void {
  if (predicate === undefined) return;
  emitDifo(e, predicate, 0);
  e.code.op('i64.eqz').if();
  e.code.i32(UNMATCHED).op('return').end();
}

function emitSteps(e: Emitter, clause: PreparedClause): void {
  const { steps } = clause;
  const order = [...new Set(steps.filter(goesTo).map(({ target }) => target))].sort((a, b) => a - b);
  const labels = new Map<number, WasmLabel>();
  for (const target of order.toReversed()) labels.set(target, e.code.block());
  let nextLabel = 0;
  for (let i = 0; i <= steps.length; ) {
    if (order[nextLabel] === i) {
      e.code.end();
      nextLabel++;
    }
    if (i === steps.length) break;
    i = emitStep(e, clause, i, order[nextLabel] ?? steps.length, labels);
  }
  e.code.i32(DONE);
}

function goesTo({ op }: Step): boolean {
  return op === STEPS.branch || op === STEPS.jump;
}

/** Emit the step at `i`, and what belongs to it before `limit`; returns the next one's index. */
function emitStep(
  e: Emitter,
  clause: PreparedClause,
  i: number,
  limit: number,
  labels: ReadonlyMap<number, WasmLabel>,
): number {
  const { steps } = clause;
  const step = steps[i]!;
  const native = nativeSteps(clause, i);
  if (native === 0) return emitList(e, clause, i, limit);
  switch (step.op) {
    case STEPS.evaluate:
      emitDifo(e, step.difo!, step.number);
      e.code.op('drop');
      break;
    case STEPS.branch:
      emitDifo(e, step.difo!, step.number);
      e.code.op('i64.eqz').brIf(labels.get(step.target)!);
      break;
    case STEPS.jump:
      e.code.br(labels.get(step.target)!);
      break;
    case STEPS.taken:
      if (clause.records) emitTaken(e, step);
      break;
    case STEPS.recordInt:
      emitRecordInt(e, step);
      break;
    case STEPS.startKey:
      emitAggregate(e, steps.slice(i + 1, i + native - 1), steps[i + native - 1]!);
      break;
  }
  return i + native;
}

const STORES: Readonly<Record<number, 'i64.store8' | 'i64.store16' | 'i64.store32' | 'i64.store'>> = {
  1: 'i64.store8',
  2: 'i64.store16',
  4: 'i64.store32',
  8: 'i64.store',
};

/** How many steps from `i` on are emitted together; 0 when the step is run by runSteps. */
export function nativeSteps({ steps, records }: PreparedClause, i: number): number {
  const { op, sizeBytes } = steps[i]!;
  switch (op) {
    case STEPS.evaluate:
    case STEPS.branch:
    case STEPS.jump:
    case STEPS.taken:
      return 1;
    case STEPS.recordInt:
      return records && STORES[sizeBytes] !== undefined ? 1 : 0;
    case STEPS.startKey: {
      let end = i + 1;
      while (steps[end]!.op === STEPS.keyInt) end++;
      const last = steps[end]!;
      const fits = end - i - 1 < MAX_KEY_WORDS;
      return last.op === STEPS.aggregate && fits && UPDATES[last.table!.func] !== undefined ? end - i + 1 : 0;
    }
    default:
      return 0;
  }
}

/** Steps from `i` that are not native, as one call-out. */
function emitList(e: Emitter, clause: PreparedClause, i: number, limit: number): number {
  const { lists } = e.context.fast;
  let end = i;
  do {
    // A key's steps and its update go together.
    if (clause.steps[end]!.op === STEPS.startKey) {
      while (clause.steps[end]!.op !== STEPS.aggregate) end++;
    }
    end++;
  } while (end < limit && nativeSteps(clause, end) === 0);
  e.code.i32(lists.push(clause.steps.slice(i, end)) - 1).get(PAYLOAD);
  e.callOut('steps');
  e.code.tee(e.entry).i32(DONE).op('i32.ne').if();
  e.code.get(e.entry).op('return').end();
  return end;
}

function emitTaken(e: Emitter, { offset, target }: Step): void {
  const at = offset + (target >> 3);
  e.code
    .get(PAYLOAD)
    .get(PAYLOAD)
    .access('i32.load8_u', at)
    .i32(1 << (target & 7))
    .op('i32.or')
    .access('i32.store8', at);
}

function emitRecordInt(e: Emitter, step: Step): void {
  e.code.get(PAYLOAD);
  emitDifo(e, step.difo!, step.number);
  e.code.access(STORES[step.sizeBytes]!, step.offset);
}

// Aggregations.

function emitAggregate(e: Emitter, keys: readonly Step[], step: Step): void {
  const { code } = e;
  const table = step.table!;
  const words = keys.map((key) => {
    const word = code.local('i64');
    emitDifo(e, key.difo!, key.number);
    e.narrow(key.narrowing);
    code.set(word);
    return word;
  });
  const value = code.local('i64');
  const increment = code.local('i64');
  if (step.difo !== undefined) {
    emitDifo(e, step.difo, step.number);
    code.set(value);
  }
  if (step.increment !== undefined) {
    emitDifo(e, step.increment, step.number + 1);
    code.set(increment);
  } else code.i64(1n).set(increment);
  const at = emitWords(e, table, words);
  const dropped = code.block();
  code.get(at).op('i32.eqz').brIf(dropped);
  UPDATES[table.func]!(e, { at, value, increment, params: table.shape.params });
  code.end();
}

/** A local with the offset of the words kept under the key; 0 when there is no room, which is then counted. */
function emitWords(e: Emitter, table: AggregationTable, words: readonly number[]): number {
  const { code } = e;
  const { scratchAt, fast } = e.context;
  const at = code.local('i32');
  const keyBytes = words.length * 8;
  code.i32(table.table.at);
  for (const word of words) code.get(word);
  e.lookUp(words.length);
  code.tee(at).if();
  code
    .get(at)
    .i32(ENTRY.key + keyBytes + NORMAL_BYTES)
    .op('i32.add')
    .set(at)
    .op('else');
  words.forEach((word, i) => {
    code
      .i32(scratchAt)
      .get(word)
      .access('i64.store', SCRATCH.key + i * 8);
  });
  code.i32(numberOf(fast.aggregations, table)).i32(keyBytes).get(CPU);
  e.callOut('insert');
  code.set(at).end();
  return at;
}

function numberOf<T>(list: T[], item: T): number {
  const known = list.indexOf(item);
  return known !== -1 ? known : list.push(item) - 1;
}

/** Locals of an update: where the words are, what comes in. */
interface Update {
  readonly at: number; // i32
  readonly value: number;
  readonly increment: number;
  readonly params: AggregationParams;
}

/** As in aggregating.ts; functions without a row are left to it. */
const UPDATES: { readonly [func in AggFuncName]?: (e: Emitter, update: Update) => void } = {
  count: (e, { at }) => addTo(e, at, 0, () => e.code.i64(1n)),
  sum: (e, { at, value }) => addTo(e, at, 0, () => e.code.get(value)),
  avg: (e, { at, value }) => {
    addTo(e, at, 0, () => e.code.i64(1n));
    addTo(e, at, 8, () => e.code.get(value));
  },
  min: (e, update) => keepIf(e, update, 'i64.lt_s'),
  max: (e, update) => keepIf(e, update, 'i64.gt_s'),
  quantize: (e, { at, value, increment }) => {
    const sign = e.value;
    e.code.get(value).i64(63n).op('i64.shr_s').set(sign);
    // Bits of |value|, by its sign above or below the bucket of 0; those of the least value count one bucket higher.
    const index = e.result;
    e.code.i64(64n).get(value).get(sign).op('i64.xor').get(sign).op('i64.sub', 'i64.clz', 'i64.sub');
    e.code.get(sign).op('i64.xor').get(sign).op('i64.sub').i64(BigInt(QUANTIZE_ZERO_BUCKET)).op('i64.add');
    e.code.tee(index).get(index).i64(63n).op('i64.shr_s', 'i64.sub').set(index);
    addToBucket(e, at, index, increment);
  },
  lquantize: (e, { at, value, increment, params }) => {
    if (params.kind !== 'lquantize') return;
    const { base, step, levels } = params;
    const index = e.result;
    e.code.i64(0n).set(index);
    e.code.get(value).i64(BigInt(base)).op('i64.ge_s').if();
    e.code.get(value).i64(BigInt(base)).op('i64.sub').i64(BigInt(step)).op('i64.div_u').set(index);
    // The bucket above all levels takes the rest.
    e.code.get(index).i64(BigInt(levels)).get(index).i64(BigInt(levels)).op('i64.lt_u', 'select');
    e.code.i64(1n).op('i64.add').set(index).end();
    addToBucket(e, at, index, increment);
  },
};

function addTo({ code }: Emitter, at: number, offset: number, addend: () => void): void {
  code.get(at).get(at).access('i64.load', offset);
  addend();
  code.op('i64.add').access('i64.store', offset);
}

function addToBucket(e: Emitter, at: number, index: number, increment: number): void {
  const bucket = e.entry;
  e.code.get(index).op('i32.wrap_i64').i32(3).op('i32.shl').get(at).op('i32.add').set(bucket);
  addTo(e, bucket, 0, () => e.code.get(increment));
}

function keepIf({ code }: Emitter, { at, value }: Update, better: 'i64.lt_s' | 'i64.gt_s'): void {
  code.get(value).get(at).access('i64.load').op(better).if();
  code.get(at).get(value).access('i64.store').end();
}
