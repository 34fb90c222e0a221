/**
 * What one step of a clause does with the value of its DIFO. In: the value's word index, and where the record's payload
 * is. Out: DONE when the clause goes on; ENDED when a speculate() has nothing to record into; or the number of the action
 * that faulted. Evaluating, branches and the building of integer keys are the interpreter's own (link-steps.ts).
 */
import { bug } from '../base/assert.ts';
import { FAULTS } from '../dif/faults.ts';
import { CODE_BYTES_AT, REGISTER_MASK_AT, REGISTER_VALUES_AT, REGISTERS_BYTES } from '../dif/inspected.ts';
import { REGISTER_COUNT } from '../machine/registers.ts';
import { NO_ROW } from './firing.ts';
import type { MachineState } from './machine-state.ts';
import type { Chill, ClauseRun } from './run-clause.ts';
import type { Step } from './steps.ts';

export const DONE = -1;
export const ENDED = -2;
/** The predicate does not hold. */
export const UNMATCHED = -3;

/** Cases are plain numbers for a jump table: those of STEPS in steps.ts. `payload` is 0 when there is no record. */
export function performStep(run: ClauseRun, step: Step, at: number, payload: number): number {
  const { m, interpreter } = run;
  let ok = true;
  switch (step.op) {
    case 3: // taken
      if (payload !== 0) m.memory.u8[payload + step.offset + (step.target >> 3)]! |= 1 << (step.target & 7);
      break;
    case 4: // recordInt
      recordInteger(m, at, payload + step.offset, step.sizeBytes);
      break;
    case 5: // recordText
      ok = recordText(m, at, payload + step.offset, step.sizeBytes);
      break;
    case 6: // recordBytes
      ok = recordBytes(m, at, payload + step.offset, step.sizeBytes);
      if (step.target !== 0) recordInteger(m, at, payload + step.target, 8);
      break;
    case 7: // recordStack
      recordStack(m, step, payload + step.offset);
      break;
    case 10: // keyText
      ok = run.key.appendText(at);
      break;
    case 11: // keyBytes
      ok = run.key.appendBytes(at, step.sizeBytes);
      break;
    case 12: // keyStack
      ok = appendKeyStack(run, step);
      break;
    case 14: // exit
      recordInteger(m, at, payload + step.offset, payload === 0 ? 0 : step.sizeBytes);
      run.exit(at);
      break;
    case 15: {
      // speculate
      const id = speculationId(run, at);
      if (id < 0) return step.number;
      if (!interpreter.subroutines.speculations.isActive(id)) return ENDED;
      run.speculating = id;
      break;
    }
    case 16: // commit
      ok = speculationId(run, at) >= 0;
      if (ok) run.commit(m.memory.i32[at]!);
      break;
    case 17: // discard
      ok = speculationId(run, at) >= 0;
      if (ok) interpreter.subroutines.speculations.discard(m.memory.i32[at]!);
      break;
    case 18: // library
      run.library = true;
      break;
    case 19: // noGuest
      ok = m.needsGuest(step.target);
      break;
    case 20: // raise
      ok = isSignal(m, at) ? m.needsGuest(step.target) : m.fault(FAULTS.ILLOP.code);
      break;
    case 21: // chill
      ok = run.chill === undefined ? m.needsGuest(step.target) : chill(run, run.chill, at);
      break;
    case 22: // keySymbol
      ok = appendKeySymbol(run, step, at);
      break;
    case 23: // recordRegisters
      recordRegisters(m, payload + step.offset);
      break;
    case 24: // recordCode
      recordCode(m, at, payload + step.offset, step.sizeBytes);
      break;
    default:
      bug('engine', `step ${step.op} is not defined`);
  }
  return ok ? DONE : step.number;
}

/** The id at word index `at`, or -1 after a fault when no speculation can have it. */
function speculationId({ m, interpreter }: ClauseRun, at: number): number {
  const { i32 } = m.memory;
  const id = i32[at]!;
  if (i32[at + 1] === id >> 31 && interpreter.subroutines.speculations.isId(id)) return id;
  m.fault(FAULTS.ILLOP.code);
  return -1;
}

/** Signals are numbered from 0 to 64, as on Linux. */
const SIGNALS = 65;

function isSignal(m: MachineState, at: number): boolean {
  const { i32 } = m.memory;
  return i32[at + 1] === 0 && i32[at]! >= 0 && i32[at]! < SIGNALS;
}

function chill({ m }: ClauseRun, wait: Chill, at: number): boolean {
  return wait(m.memory.u64[at >>> 1]!) || m.fault(FAULTS.ILLOP.code);
}

function recordInteger(m: MachineState, at: number, to: number, sizeBytes: number): void {
  const { u8, i32 } = m.memory;
  if (sizeBytes === 8 && (to & 3) === 0) {
    i32[to >>> 2] = i32[at]!;
    i32[(to >>> 2) + 1] = i32[at + 1]!;
    return;
  }
  for (let i = 0; i < sizeBytes; i++) u8[to + i] = u8[at * 4 + i]!;
}

/** NULL is recorded as the empty string. */
function recordText(m: MachineState, at: number, to: number, sizeBytes: number): boolean {
  if (!m.findTextOrEmpty(at)) return false;
  const { u8 } = m.memory;
  const kept = Math.min(m.foundLength, sizeBytes - 1);
  for (let i = 0; i < kept; i++) u8[to + i] = u8[m.foundAt + i]!;
  u8[to + kept] = 0;
  return true;
}

function recordBytes(m: MachineState, at: number, to: number, sizeBytes: number): boolean {
  const from = m.findBytes(at, sizeBytes);
  if (from < 0) return false;
  m.memory.u8.copyWithin(to, from, from + sizeBytes);
  return true;
}

/** The frames, what is said where they end unknown, then zeros. */
function recordStack(m: MachineState, step: Step, to: number): void {
  const { guestStack, memory } = m;
  const limit = step.sizeBytes >>> 3;
  const depth = guestStack.find(step.target === 0 ? 'kernel' : 'user', limit);
  const { u64 } = memory;
  const first = to >>> 3;
  u64.fill(0n, first, first + limit);
  for (let i = 0; i < depth; i++) u64[first + i] = guestStack.frames[i]!;
  if (depth < limit) u64[first + depth] = guestStack.frames[depth]!;
}

/** Every register that the event carries, with a bit that says so; nothing of BEGIN and its kind. */
function recordRegisters(m: MachineState, to: number): void {
  const { memory, firing } = m;
  const { row, batch } = firing;
  memory.u8.fill(0, to, to + REGISTERS_BYTES);
  memory.u32[to >>> 2] = batch.architecture;
  if (row === NO_ROW) return;
  for (let id = 0; id < REGISTER_COUNT; id++) {
    if (batch.registers.read(row, id, memory, to + REGISTER_VALUES_AT + 8 * id))
      memory.u8[to + REGISTER_MASK_AT + (id >> 3)]! |= 1 << (id & 7);
  }
}

/** What cannot be read is left to the consumer, which may have the image. */
function recordCode(m: MachineState, at: number, to: number, sizeBytes: number): void {
  const { i32, u32, u8 } = m.memory;
  u8.fill(0, to, to + sizeBytes);
  i32[to >>> 2] = i32[at]!;
  i32[(to >>> 2) + 1] = i32[at + 1]!;
  u32[(to >>> 2) + 2] = m.readCode(at, sizeBytes - CODE_BYTES_AT, to + CODE_BYTES_AT);
}

/** All addresses of a function count under one key, and so do those of a module. */
function appendKeySymbol({ m, key, symbols }: ClauseRun, step: Step, at: number): boolean {
  if (!key.appendInteger(at, 0)) return false;
  const word = (key.at + key.bytes - 8) >>> 2;
  if (step.target === 1) symbols?.toModule(m.memory.i32, word);
  else symbols?.toSymbol(m.memory.i32, word);
  return true;
}

function appendKeyStack({ m, key }: ClauseRun, step: Step): boolean {
  const { guestStack, memory } = m;
  const limit = step.sizeBytes >>> 3;
  let depth = guestStack.find(step.target === 0 ? 'kernel' : 'user', limit);
  if (depth < limit && guestStack.frames[depth]! !== 0n) depth++; // why it ends
  if (!key.appendWords(depth, 0)) return false;
  for (let i = 0; i < depth; i++) {
    memory.u64[guestStack.wordAt >>> 3] = guestStack.frames[i]!;
    if (!key.appendInteger(guestStack.wordAt >>> 2, 0)) return false;
  }
  return true;
}
