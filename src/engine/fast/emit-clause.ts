/**
 * A prepared clause as WebAssembly: predicate and steps in a row.
 *
 * Integers and plain strings in records, `taken` bits, branches, and aggregations (emit-aggregate.ts) are made native; other
 * steps, with their like neighbours, are handed to runSteps (call-outs.ts). As a module of its own a clause that records is
 * two functions, since the space for its record is found between predicate and steps; and so is one that goes back to
 * TypeScript in its steps, which then can be begun there after the predicate.
 */
import { type WasmLabel, WasmModule } from '../../base/wasm-encode.ts';
import type { PreparedClause } from '../ecb.ts';
import { UNMATCHED } from '../perform-step.ts';
import { DONE } from '../run-clause.ts';
import { STEPS, type Step } from '../steps.ts';
import { emitAggregate, emitCopyText, isPlainText, nativeKeySteps } from './emit-aggregate.ts';
import { emitCondition, emitDifo } from './emit-difo.ts';
import {
  CALL_OUTS,
  type CallOutName,
  CLAUSE_SIGNATURE,
  Emitter,
  type FastContext,
  functionFrame,
} from './emitter.ts';
import { LookUps } from './look-up.ts';

/** Names under which a clause's module exports its functions; without a record there is only `steps`. */
export const EXPORTS = { predicate: 'p', steps: 's' } as const;

export type CallOutIndices = { readonly [name in CallOutName]: number };

export function importCallOuts(module: WasmModule): CallOutIndices {
  return Object.fromEntries(
    Object.entries(CALL_OUTS).map(([name, signature]) => [name, module.importFunction(name, signature)]),
  ) as Record<CallOutName, number>;
}

/** The module of one clause, and whether its code is lean (emitter.ts). */
export function clauseModule(
  context: FastContext,
  clause: PreparedClause,
): { readonly module: WasmModule; readonly isLean: boolean } {
  if (clause.records || clause.predicate === undefined) return moduleOf(context, clause, clause.records);
  const whole = moduleOf(context, clause, false);
  return whole.isLean ? whole : moduleOf(context, clause, true);
}

function moduleOf(context: FastContext, clause: PreparedClause, inTwo: boolean) {
  const module = new WasmModule();
  const callOuts = importCallOuts(module);
  const lookUps = new LookUps(module);
  const begin = () => new Emitter(context, callOuts, lookUps, functionFrame());
  const steps = begin();
  const predicate = inTwo && clause.predicate !== undefined ? begin() : undefined;
  emitPredicate(predicate ?? steps, clause);
  emitSteps(steps, clause);
  for (const { code } of predicate ? [predicate, steps] : [steps]) code.i32(DONE);
  if (predicate) module.addFunction(CLAUSE_SIGNATURE, predicate.code, EXPORTS.predicate);
  module.addFunction(CLAUSE_SIGNATURE, steps.code, EXPORTS.steps);
  return { module, isLean: steps.isLean && (predicate?.isLean ?? true) };
}

/** Faults of a predicate are those of action 0. */
export function emitPredicate(e: Emitter, { predicate }: PreparedClause): void {
  if (predicate === undefined) return;
  emitCondition(e, predicate, 0, () => e.frame.leave(UNMATCHED));
}

export function emitSteps(e: Emitter, clause: PreparedClause): void {
  const { steps } = clause;
  const order = [...new Set(steps.filter(goesTo).map(({ target }) => target))].sort((a, b) => a - b);
  const labels = new Map<number, WasmLabel>();
  for (const target of order.toReversed()) labels.set(target, e.code.block());
  let nextLabel = 0;
  for (let i = 0; i <= steps.length; ) {
    if (order[nextLabel] === i) {
      e.code.end();
      e.forgetStored();
      nextLabel++;
    }
    if (i === steps.length) break;
    i = emitStep(e, clause, i, order[nextLabel] ?? steps.length, labels);
  }
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
  const native = nativeSteps(e.context, clause, i);
  if (native === 0) return emitList(e, clause, i, limit);
  switch (step.op) {
    case STEPS.evaluate:
      emitDifo(e, step.difo!, step.number);
      e.code.op('drop');
      break;
    case STEPS.branch:
      emitCondition(e, step.difo!, step.number, () => e.code.br(labels.get(step.target)!));
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
    case STEPS.recordText:
      emitRecordText(e, step);
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
export function nativeSteps(context: FastContext, { steps, records }: PreparedClause, i: number): number {
  const { op, sizeBytes, difo } = steps[i]!;
  switch (op) {
    case STEPS.evaluate:
    case STEPS.branch:
    case STEPS.jump:
    case STEPS.taken:
      return 1;
    case STEPS.recordInt:
      return records && STORES[sizeBytes] !== undefined ? 1 : 0;
    case STEPS.recordText:
      return records && isPlainText(context, difo!) ? 1 : 0;
    case STEPS.startKey:
      return nativeKeySteps(context, steps, i);
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
  } while (end < limit && nativeSteps(e.context, clause, end) === 0);
  e.code.i32(lists.push(clause.steps.slice(i, end)) - 1).get(e.frame.payload);
  e.callOut('steps'); // not lean, so this is a function of its own
  e.code.tee(e.entry).i32(DONE).op('i32.ne').if();
  e.code.get(e.entry).op('return').end();
  return end;
}

function emitTaken(e: Emitter, { offset, target }: Step): void {
  const at = offset + (target >> 3);
  e.code
    .get(e.frame.payload)
    .get(e.frame.payload)
    .access('i32.load8_u', at)
    .i32(1 << (target & 7))
    .op('i32.or')
    .access('i32.store8', at);
}

function emitRecordInt(e: Emitter, step: Step): void {
  e.code.get(e.frame.payload);
  emitDifo(e, step.difo!, step.number);
  e.code.access(STORES[step.sizeBytes]!, step.offset);
}

function emitRecordText(e: Emitter, { difo, number, offset, sizeBytes }: Step): void {
  const { code } = e;
  const to = code.local('i32');
  code.get(e.frame.payload).i32(offset).op('i32.add').set(to);
  emitCopyText(e, difo!, number, to, Math.min(e.context.m.strsize, sizeBytes - 1));
  code.get(to).op('i32.add').i32(0).access('i32.store8');
}
