/**
 * One prepared DIFO as WebAssembly: emitted inline into a clause's function, it leaves its value on the stack,
 * or goes where its value as a condition leads.
 *
 * Rows of EMITTERS (emit-instructions.ts) are the instructions made native. Every other instruction, with its like
 * neighbours, is a piece that the interpreter runs (call-outs.ts): the registers it reads are written back before, those
 * it writes are fetched after. So there is no instruction that the fast tier cannot carry out, and none whose meaning is
 * written down twice but for those rows. Branches go forward (V6): each label is the end of a block that is open from the start.
 *
 * Entries of the tuple stack are local variables when the DIFO uses them for nothing but integer keys of dynamic integer
 * variables; else pushing is left to pieces, too. Its depth at each instruction is known (V13).
 */
import type { WasmLabel, WasmOp } from '../../base/wasm-encode.ts';
import { OPCODES } from '../../dif/opcodes.ts';
import type { PreparedDifo } from '../prepare.ts';
import { PREPARED } from '../prepared-opcodes.ts';
import { isBranch, operandsOf, READS, WRITES_C } from '../propagate.ts';
import { type DifoState, type Instruction, noteConstant, noteText, slotOf } from './difo-state.ts';
import { argumentOf, EMITTERS, registerOf } from './emit-instructions.ts';
import type { Emitter } from './emitter.ts';

const RET = OPCODES.ret.op;

export function emitDifo(e: Emitter, difo: PreparedDifo, number: number): void {
  e.number = number;
  if (difo.direct !== 0) {
    e.push(difo.direct);
    return;
  }
  emitCode(e, difo, ({ exit }, place) => {
    e.push(place);
    e.code.set(e.result).br(exit);
  });
  e.code.get(e.result);
}

/**
 * The DIFO as a condition: `leave` is emitted where its value is 0, and must go elsewhere. What `&&`, `||` and comparisons
 * have found goes where it leads right away, without having been made a value.
 */
export function emitCondition(e: Emitter, difo: PreparedDifo, number: number, leave: () => void): void {
  e.number = number;
  const leaveUnless = (place: number) => {
    e.push(place);
    e.code.op('i64.eqz').if();
    leave();
    e.code.end();
  };
  if (difo.direct !== 0) {
    leaveUnless(difo.direct);
    return;
  }
  emitCode(e, difo, ({ exit, constants }, place) => {
    const known = constants.get(e.registerAt(place)) ?? e.constantAt(place);
    if (known === 0n) leave();
    else {
      if (known === undefined) leaveUnless(place);
      e.code.br(exit);
    }
  });
}

/** `giveBack` is emitted where the DIFO ends, with the place of its value, and must go to the exit or elsewhere. */
function emitCode(e: Emitter, difo: PreparedDifo, giveBack: (state: DifoState, place: number) => void): void {
  const { code, offsets } = difo;
  const exit = e.code.block();
  const { labels, order } = openLabels(e, code);
  const state: DifoState = {
    e,
    labels,
    exit,
    constants: new Map(),
    nativeTuple: hasNativeTuple(e, code),
    depth: 0,
    found: undefined,
    texts: new Set(),
  };
  const depths = new Map<number, number>(); // at labels
  let nextLabel = 0;
  for (let pc = 0; pc < code.length; ) {
    if (order[nextLabel] === pc) {
      e.code.end();
      e.forgetStored();
      nextLabel++;
      state.depth = depths.get(pc)!;
      state.found = undefined; // by another way here, it was not
      state.texts.clear();
      state.constants.clear();
    }
    const instruction = instructionAt(code, offsets, pc);
    const { op, a, c } = instruction;
    if (op === RET) {
      giveBack(state, c);
      pc += 4;
    } else if (op === OPCODES.ba.op && code[a] === RET) {
      depths.set(a, state.depth);
      giveBack(state, code[a + 3]!);
      pc += 4;
    } else if (isBranch(op)) {
      depths.set(a, state.depth);
      emitBranch(state, op, a);
      pc += 4;
    } else if (isNative(state, instruction)) {
      EMITTERS.get(op)!(state, instruction);
      noteText(state, instruction);
      noteConstant(state, instruction);
      state.depth = depthAfter(instruction, state.depth);
      pc += 4;
    } else pc = emitPiece(state, difo, pc, order[nextLabel] ?? code.length);
    // What is reached both by falling through and by a branch has one depth.
    if (order[nextLabel] === pc && !endsHere(op)) depths.set(pc, state.depth);
  }
  e.code.end();
  if (labels.size > 0) e.forgetStored(); // by another way here, it was not stored
}

function endsHere(op: number): boolean {
  return op === RET || op === OPCODES.ba.op;
}

/** A block per label, the first label's innermost; labels in order. */
function openLabels(e: Emitter, code: Int32Array): { labels: Map<number, WasmLabel>; order: number[] } {
  const targets = new Set<number>();
  for (let pc = 0; pc < code.length; pc += 4) if (isBranch(code[pc]!)) targets.add(code[pc + 1]!);
  const order = [...targets].sort((x, y) => x - y);
  const labels = new Map<number, WasmLabel>();
  for (const target of order.toReversed()) labels.set(target, e.code.block());
  return { labels, order };
}

function instructionAt(code: Int32Array, offsets: Int32Array, pc: number): Instruction {
  return {
    op: code[pc]!,
    a: code[pc + 1]!,
    b: code[pc + 2]!,
    c: code[pc + 3]!,
    difOffset: offsets[pc >> 2]!,
  };
}

// The tuple stack.

function isDynamic(op: number): boolean {
  return op === PREPARED.loadDynamic || op === PREPARED.storeDynamic;
}

/** An integer whose key is known here: not that of a guest's thread, which is read from its memory. */
function isPlainDynamic(e: Emitter, instruction: Instruction): boolean {
  const slot = slotOf(e, instruction);
  return slot.kind === 'int' && !(slot.threaded && e.context.m.guestProcess.knowsProcesses);
}

function hasNativeTuple(e: Emitter, code: Int32Array): boolean {
  for (let pc = 0; pc < code.length; pc += 4) {
    const op = code[pc]!;
    if (op === OPCODES.pushtr.op || op === OPCODES.call.op) return false;
    const instruction = { op, a: code[pc + 1]!, b: code[pc + 2]!, c: code[pc + 3]!, difOffset: 0 };
    if (isDynamic(op) && instruction.b !== 0 && !isPlainDynamic(e, instruction)) return false;
  }
  return true;
}

function isTuple(op: number): boolean {
  const { pushtr, pushtv, popts, flushts } = OPCODES;
  return op === pushtv.op || op === pushtr.op || op === popts.op || op === flushts.op;
}

function depthAfter({ op, b }: Instruction, depth: number): number {
  if (op === OPCODES.pushtv.op || op === OPCODES.pushtr.op) return depth + 1;
  if (op === OPCODES.popts.op) return depth - 1;
  if (op === OPCODES.flushts.op || (isDynamic(op) && b !== 0)) return 0;
  return depth;
}

function isNative(state: DifoState, instruction: Instruction): boolean {
  const { op, b } = instruction;
  if (!EMITTERS.has(op)) return false;
  if (op === PREPARED.uregs) return registerOf(state.e, b) !== undefined;
  if (op === PREPARED.argument) return argumentOf(state.e, b) !== undefined;
  if (isTuple(op)) return state.nativeTuple;
  if (!isDynamic(op)) return true;
  return isPlainDynamic(state.e, instruction) && (b === 0 || state.nativeTuple);
}

// Pieces.

/** Instructions that a piece takes along between two that need the interpreter: a copy costs it less than leaving. */
function goesAlong({ op }: Instruction): boolean {
  return op === PREPARED.copy || op === PREPARED.address;
}

/** Emit the piece that starts at `pc` and ends before `limit`; returns where it ends. */
function emitPiece(state: DifoState, difo: PreparedDifo, pc: number, limit: number): number {
  const { e } = state;
  state.found = undefined;
  state.texts.clear();
  state.constants.clear();
  const at = (index: number) => instructionAt(difo.code, difo.offsets, index);
  let end = pc + 4;
  for (let next = end; next < limit && !isBranch(at(next).op) && at(next).op !== RET; next += 4) {
    if (!isNative(state, at(next))) end = next + 4;
    else if (!goesAlong(at(next))) break;
  }
  const read = new Set<number>();
  const written = new Set<number>();
  const depth = state.depth;
  for (let index = pc; index < end; index += 4) {
    const instruction = at(index);
    const operands = operandsOf(instruction.op);
    [instruction.a, instruction.b, instruction.c].forEach((place, i) => {
      const register = e.registerAt(place);
      if (register < 0) return;
      if ((operands & READS[i]!) !== 0 && !written.has(register)) read.add(register);
    });
    const target = e.registerAt(instruction.c);
    if ((operands & WRITES_C) !== 0 && target >= 0) written.add(target);
    state.depth = depthAfter(instruction, state.depth);
  }
  for (const register of read) e.spill(register);
  const { pieces } = e.context.fast;
  e.code.i32(pieces.push({ difo: pieceOf(difo, pc, end), depth }) - 1);
  e.callOut('piece');
  e.leaveIfZero();
  for (const register of written) e.reload(register);
  return end;
}

/** Instructions [start, end) and a `ret`. */
function pieceOf(difo: PreparedDifo, start: number, end: number): PreparedDifo {
  const code = new Int32Array(end - start + 4);
  code.set(difo.code.subarray(start, end));
  code[end - start] = RET;
  return { code, offsets: difo.offsets.slice(start >> 2, end >> 2), direct: 0, first: undefined };
}

// Branches.

/** How `left` and `right` compare when the branch is taken. */
const CONDITIONS: ReadonlyMap<number, WasmOp> = new Map([
  [OPCODES.be.op, 'i64.eq'],
  [OPCODES.bne.op, 'i64.ne'],
  [OPCODES.bg.op, 'i64.gt_s'],
  [OPCODES.bgu.op, 'i64.gt_u'],
  [OPCODES.bge.op, 'i64.ge_s'],
  [OPCODES.bgeu.op, 'i64.ge_u'],
  [OPCODES.bl.op, 'i64.lt_s'],
  [OPCODES.blu.op, 'i64.lt_u'],
  [OPCODES.ble.op, 'i64.le_s'],
  [OPCODES.bleu.op, 'i64.le_u'],
]);

function emitBranch({ e, labels }: DifoState, op: number, target: number): void {
  const label = labels.get(target)!;
  const condition = CONDITIONS.get(op);
  if (condition === undefined) e.code.br(label);
  else e.code.get(e.left).get(e.right).op(condition).brIf(label);
}
