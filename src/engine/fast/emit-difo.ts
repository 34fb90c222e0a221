/**
 * One prepared DIFO as WebAssembly: emitted inline into a clause's function, it leaves its value on the stack.
 *
 * Rows of EMITTERS are the instructions made native. Every other instruction, with its like neighbours, is a piece that
 * the interpreter runs (call-outs.ts): the registers it reads are written back before, those it writes are fetched after.
 * So there is no instruction that the fast tier cannot carry out, and none whose meaning is written down twice but for
 * the rows here. Branches go forward (V6): each label is the end of a block that is open from the start.
 *
 * Entries of the tuple stack are local variables when the DIFO uses them for nothing but integer keys of dynamic integer
 * variables; else pushing is left to pieces, too. Its depth at each instruction is known (V13).
 */
import { FIRST_FREE } from '../../base/linear-memory.ts';
import type { WasmLabel, WasmOp } from '../../base/wasm-encode.ts';
import { FAULTS } from '../../dif/faults.ts';
import { OPCODES } from '../../dif/opcodes.ts';
import { BUILTIN_VARIABLES } from '../../dif/variables.ts';
import { ENGINE_BASE, ENGINE_BASE_HIGH } from '../../machine/address.ts';
import { EVENT_FLAGS } from '../../machine/event-batch.ts';
import { userRegister } from '../../machine/user-registers.ts';
import { NO_ROW } from '../firing.ts';
import { ENTRY } from '../keyed-table.ts';
import { UNREADABLE } from '../memory-access.ts';
import { NARROW } from '../narrowing.ts';
import type { PreparedDifo } from '../prepare.ts';
import { PREPARED } from '../prepared-opcodes.ts';
import { isBranch, operandsOf, READS, WRITES_C } from '../propagate.ts';
import type { VariableSlot } from '../variables.ts';
import { type Emitter, isTextCell, RECENT_CPUS, SCRATCH } from './emitter.ts';

const RET = OPCODES.ret.op;

/** One instruction: operands as in prepared code. */
interface Instruction {
  readonly op: number;
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly difOffset: number;
}

/** What emitting a DIFO keeps in mind. */
interface DifoState {
  readonly e: Emitter;
  readonly labels: ReadonlyMap<number, WasmLabel>; // by index in code
  readonly exit: WasmLabel;
  readonly nativeTuple: boolean;
  depth: number; // of the tuple stack
  /** Registers whose values are known since the last label. */
  readonly constants: Map<number, bigint>;
  /** Registers that hold addresses of plain texts (emitter.ts), as far as is known since the last label. */
  readonly texts: Set<number>;
  /** A thread-local scalar that was just looked up, and the local with its entry: good until entries may come or go. */
  found: { readonly slot: number; readonly entry: number } | undefined;
}

type EmitInstruction = (state: DifoState, instruction: Instruction) => void;

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

function slotOf({ context }: Emitter, { a }: Instruction): VariableSlot {
  return context.tables.slots[a]!;
}

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

// Texts.

function isText({ e, texts }: DifoState, place: number): boolean {
  const register = e.registerAt(place);
  return register >= 0 ? texts.has(register) : isTextCell(e.context, place);
}

/** What an instruction leaves in its register. */
function noteText(state: DifoState, { op, a, c }: Instruction): void {
  const { e, texts } = state;
  const register = (operandsOf(op) & WRITES_C) === 0 ? -1 : e.registerAt(c);
  if (register < 0) return;
  const isPlain =
    op === PREPARED.address ||
    (op === PREPARED.loadRef && e.context.tables.slots[a]!.kind === 'string') ||
    (op === PREPARED.copy && isText(state, a));
  if (isPlain) texts.add(register);
  else texts.delete(register);
}

/** What an instruction leaves in its register, where that is a constant. */
function noteConstant({ e, constants }: DifoState, { op, a, c }: Instruction): void {
  const register = (operandsOf(op) & WRITES_C) === 0 ? -1 : e.registerAt(c);
  if (register < 0) return;
  const known = op === PREPARED.copy ? (constants.get(e.registerAt(a)) ?? e.constantAt(a)) : undefined;
  if (known === undefined) constants.delete(register);
  else constants.set(register, known);
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

// Instructions.

function binary(op: WasmOp): EmitInstruction {
  return ({ e }, { a, b, c }) => {
    e.push(a);
    e.push(b);
    e.code.op(op);
    e.pop(c);
  };
}

/** A count outside 0..63 gives 0, where WebAssembly would take it modulo 64. */
function shift(op: WasmOp): EmitInstruction {
  return ({ e }, { a, b, c }) => {
    const count = e.constantAt(b);
    if (count !== undefined && (count < 0n || count > 63n)) e.code.i64(0n);
    else {
      e.push(a);
      e.push(b);
      e.code.op(op);
      if (count === undefined) {
        e.code.i64(0n);
        e.push(b);
        e.code.i64(64n).op('i64.lt_u', 'select');
      }
    }
    e.pop(c);
  };
}

/** `sdiv` by −1 is a negation: WebAssembly's division traps where the quotient has no 64 bits. */
function divide(op: WasmOp): EmitInstruction {
  return ({ e }, { a, b, c, difOffset }) => {
    const divisor = e.constantAt(b);
    if (divisor === undefined || divisor === 0n) {
      e.push(b);
      e.code.op('i64.eqz');
      e.faultIf(FAULTS.DIVZERO.code, difOffset, () => e.code.i32(0).i32(0));
    }
    const mayOverflow = op === 'i64.div_s' && (divisor === undefined || divisor === -1n);
    if (!mayOverflow) {
      e.push(a);
      e.push(b);
      e.code.op(op);
      e.pop(c);
      return;
    }
    e.push(b);
    e.code.i64(-1n).op('i64.eq').if();
    e.code.i64(0n);
    e.push(a);
    e.code.op('i64.sub').set(e.value).op('else');
    e.push(a);
    e.push(b);
    e.code.op(op).set(e.value).end().get(e.value);
    e.pop(c);
  };
}

/** Fault NOVALUE for a variable when the i32 on the stack is not 0. */
function noValueIf(e: Emitter, variable: number, difOffset: number): void {
  e.faultIf(FAULTS.NOVALUE.code, difOffset, () => e.code.i32(variable).i32(0));
}

function needRow(e: Emitter, variable: number, difOffset: number): void {
  if (e.hasRow) return;
  e.code.get(e.frame.row).i32(NO_ROW).op('i32.eq');
  noValueIf(e, variable, difOffset);
}

function column(access: 'i64.load8_u' | 'i64.load16_u' | 'i64.load', shiftBy: number): EmitInstruction {
  return ({ e }, { a, b, c, difOffset }) => {
    needRow(e, b, difOffset);
    e.column(access, a, shiftBy);
    e.pop(c);
  };
}

/** Push a dynamic variable's table and the words of its key: {number, thread}, then the tuple. Returns how many words. */
function pushKey(state: DifoState, instruction: Instruction): number {
  const { e, depth } = state;
  const slot = slotOf(e, instruction);
  const words = instruction.b === 0 ? 0 : depth;
  e.code.i32(e.context.dynamic.tableAt);
  pushKeyHead(e, slot);
  for (let i = 0; i < words; i++) e.code.get(e.tupleEntry(i));
  return 1 + words;
}

function pushKeyHead(e: Emitter, slot: VariableSlot): void {
  if (!slot.threaded) {
    e.code.i64(BigInt(slot.keyNumber));
    return;
  }
  // The thread of threadKey() in variables.ts: the CPU, from 1.
  e.code.get(e.frame.cpu).i32(1).op('i32.add', 'i64.extend_i32_u').i64(32n).op('i64.shl');
  e.code.i64(BigInt(slot.keyNumber)).op('i64.or');
}

/** Leave the entry, or 0, in a local. */
function emitFind(state: DifoState, instruction: Instruction): number {
  const { e, found } = state;
  if (found !== undefined && instruction.b === 0 && found.slot === instruction.a) return found.entry;
  const entry = e.code.local('i32');
  if (instruction.b === 0) emitFindScalar(state, instruction, entry);
  else e.code.call(e.lookUps.find(pushKey(state, instruction))).set(entry);
  state.found = instruction.b === 0 ? { slot: instruction.a, entry } : found;
  return entry;
}

/**
 * The entry of a thread-local scalar is most often the one found last for this CPU: it is as long as its key begins with
 * that word, which is never 0, since no other variable's does, and that of one that goes is made 0.
 */
function emitFindScalar(state: DifoState, instruction: Instruction, entry: number): void {
  const { e } = state;
  const { code } = e;
  const recentAt = e.context.recentAt(instruction.a);
  const place = code.local('i32');
  code
    .get(e.frame.cpu)
    .i32(RECENT_CPUS - 1)
    .op('i32.and')
    .i32(2)
    .op('i32.shl')
    .tee(place);
  code.access('i32.load', recentAt).tee(entry).access('i64.load', ENTRY.key);
  pushKeyHead(e, slotOf(e, instruction));
  code.op('i64.ne').if();
  code
    .get(place)
    .call(e.lookUps.find(pushKey(state, instruction)))
    .tee(entry);
  code.access('i32.store', recentAt).end();
}

/** Offset of the value in an entry. */
function valueOffset({ depth }: DifoState, { b }: Instruction): number {
  return ENTRY.key + (b === 0 ? 1 : 1 + depth) * 8;
}

const loadDynamic: EmitInstruction = (state, instruction) => {
  const { e } = state;
  const entry = emitFind(state, instruction);
  const offset = valueOffset(state, instruction);
  // Where entry 0 would have its value there is 0, unless it were beyond what is kept free.
  if (offset + 8 <= FIRST_FREE) e.code.get(entry).access('i64.load', offset);
  else {
    e.code.i64(0n).set(e.value).get(entry).if();
    e.code.get(entry).access('i64.load', offset).set(e.value).end().get(e.value);
  }
  e.pop(instruction.c);
};

/** In place when the variable exists and goes on to exist; else TypeScript makes or removes its entry. */
const storeDynamic: EmitInstruction = (state, instruction) => {
  const { e } = state;
  const { code } = e;
  const slot = slotOf(e, instruction);
  const { scratchAt } = e.context;
  e.push(instruction.c);
  e.narrow(slot.narrowing);
  code.set(e.value);
  const entry = emitFind(state, instruction);
  const words = instruction.b === 0 ? 1 : 1 + state.depth;
  const stored = code.block();
  const comesOrGoes = code.block();
  code.get(entry).op('i32.eqz').brIf(comesOrGoes).get(e.value).op('i64.eqz').brIf(comesOrGoes);
  code.get(entry).get(e.value).access('i64.store', valueOffset(state, instruction)).br(stored).end();
  if (e.hasRow) {
    pushKeyHead(e, slot);
    for (let i = 1; i < words; i++) code.get(e.tupleEntry(i - 1));
    code.get(e.value).call(e.lookUps.put(e.context.dynamic, words)).brIf(stored);
  }
  code.i32(scratchAt).get(e.value).access('i64.store', SCRATCH.value);
  code.i32(scratchAt);
  pushKeyHead(e, slot);
  code.access('i64.store', SCRATCH.key);
  for (let i = 1; i < words; i++) {
    code
      .i32(scratchAt)
      .get(e.tupleEntry(i - 1))
      .access('i64.store', SCRATCH.key + i * 8);
  }
  code
    .i32(instruction.a)
    .i32(words * 8)
    .get(e.frame.cpu);
  e.callOut('store');
  code.end();
  state.found = undefined;
};

/** From the register's column where the row has its own filled; else whoever made the event is asked. */
function register(lowHalf: boolean): EmitInstruction {
  return ({ e }, { a, b, c, difOffset }) => {
    const { code } = e;
    const load = lowHalf ? 'i64.load32_u' : 'i64.load';
    const { registerColumns, at } = e.context.m.firing.batch;
    const column = registerColumns.get(a);
    if (column !== undefined && e.frame.guesses) {
      e.column(load, column, 3);
      e.pop(c);
      return;
    }
    if (column !== undefined) {
      if (!e.hasRow) code.i64(0n).set(e.value);
      if (!e.hasRow) code.get(e.frame.row).i32(NO_ROW).op('i32.ne').if();
      e.column('i64.load8_u', at.flags, 0);
      code.i64(BigInt(EVENT_FLAGS.COLUMNS)).op('i64.and').set(e.value);
      if (!e.hasRow) code.end();
      code.get(e.value).op('i64.eqz').if();
    }
    code.i32(a).i32(b).i32(difOffset).get(e.frame.row);
    e.callOut('register');
    e.leaveIfZero();
    code
      .i32(0)
      .access(load, e.context.scratchAt + SCRATCH.value)
      .set(e.value);
    if (column !== undefined) {
      code.op('else');
      e.column(load, column, 3);
      code.set(e.value).end();
    }
    code.get(e.value);
    e.pop(c);
  };
}

/** The register that a constant subscript of uregs[] names. */
function registerOf(e: Emitter, place: number): number | undefined {
  const index = e.constantAt(place);
  return index === undefined || index < 0n || index > 255n ? undefined : userRegister(Number(index));
}

/** A constant subscript of args[]. */
function argumentOf(e: Emitter, place: number): number | undefined {
  const index = e.constantAt(place);
  return index === undefined || index < 0n || index > 9n ? undefined : Number(index);
}

/** An argument that the event may not carry. */
const siteArgument: EmitInstruction = ({ e }, { a, b, c, difOffset }) => {
  const bit = 1 << (b - BUILTIN_VARIABLES.arg0.id);
  e.code.i32(0).access('i32.load', e.missingAt).i32(bit).op('i32.and');
  noValueIf(e, b, difOffset);
  e.push(a);
  e.pop(c);
};

const EMITTERS: ReadonlyMap<number, EmitInstruction> = new Map<number, EmitInstruction>([
  [OPCODES.or.op, binary('i64.or')],
  [OPCODES.xor.op, binary('i64.xor')],
  [OPCODES.and.op, binary('i64.and')],
  [OPCODES.sub.op, binary('i64.sub')],
  [OPCODES.add.op, binary('i64.add')],
  [OPCODES.mul.op, binary('i64.mul')],
  [OPCODES.sll.op, shift('i64.shl')],
  [OPCODES.srl.op, shift('i64.shr_u')],
  [OPCODES.sra.op, shift('i64.shr_s')],
  [OPCODES.sdiv.op, divide('i64.div_s')],
  [OPCODES.udiv.op, divide('i64.div_u')],
  [OPCODES.srem.op, divide('i64.rem_s')],
  [OPCODES.urem.op, divide('i64.rem_u')],
  [
    OPCODES.not.op,
    ({ e }, { a, c }) => {
      e.push(a);
      e.code.i64(-1n).op('i64.xor');
      e.pop(c);
    },
  ],
  [
    OPCODES.cmp.op,
    ({ e }, { a, b }) => {
      e.push(a);
      e.code.set(e.left);
      e.push(b);
      e.code.set(e.right);
    },
  ],
  [
    OPCODES.tst.op,
    ({ e }, { a }) => {
      e.push(a);
      e.code.set(e.left).i64(0n).set(e.right);
    },
  ],
  [
    // The outcome is compared as 0, 1 or 2 with 1, so that branches for signed and unsigned numbers agree.
    OPCODES.scmp.op,
    (state, { a, b, difOffset }) => {
      const { e } = state;
      if (isText(state, a) && isText(state, b)) {
        for (const place of [a, b]) {
          e.push(place);
          e.code.op('i32.wrap_i64');
        }
        e.code.i32(e.context.m.strsize).call(e.lookUps.compareText).op('i64.extend_i32_s').set(e.left);
        e.code.i64(1n).get(e.left).op('i64.add').set(e.left).i64(1n).set(e.right);
        return;
      }
      for (const place of new Set([a, b])) if (e.registerAt(place) >= 0) e.spill(e.registerAt(place));
      e.code.i32(a).i32(b).i32(difOffset);
      e.callOut('compare');
      e.code.tee(e.entry).i32(UNREADABLE).op('i32.ne');
      e.leaveIfZero();
      e.code.get(e.entry).i32(1).op('i32.add', 'i64.extend_i32_s').set(e.left).i64(1n).set(e.right);
    },
  ],
  [OPCODES.nop.op, () => {}],
  [
    OPCODES.bound.op,
    ({ e }, { a, b, difOffset }) => {
      const half = (shiftBy: bigint) => {
        e.push(a);
        e.code.i64(shiftBy).op('i64.shr_u', 'i32.wrap_i64');
      };
      e.push(a);
      e.push(b);
      e.code.op('i64.ge_u');
      e.faultIf(FAULTS.BADINDEX.code, difOffset, () => {
        half(0n);
        half(32n);
      });
    },
  ],
  [
    OPCODES.pushtv.op,
    ({ e, depth }, { c }) => {
      e.push(c);
      e.code.set(e.tupleEntry(depth));
    },
  ],
  [OPCODES.popts.op, () => {}],
  [OPCODES.flushts.op, () => {}],
  [
    PREPARED.copy,
    ({ e }, { a, c }) => {
      e.push(a);
      e.pop(c);
    },
  ],
  [
    PREPARED.address,
    ({ e }, { a, c }) => {
      e.code.i64(ENGINE_BASE + BigInt(a));
      e.pop(c);
    },
  ],
  [
    PREPARED.loadRef,
    ({ e }, { a, c }) => {
      const { at } = e.context.tables.slots[a]!;
      e.code.i64(0n).i64((BigInt(ENGINE_BASE_HIGH) << 32n) + BigInt(at));
      e.code
        .i32(0)
        .access('i32.load', at - 8)
        .op('select');
      e.pop(c);
    },
  ],
  [
    PREPARED.storeInt,
    ({ e }, { a, b, c }) => {
      e.push(c);
      if (b !== NARROW.none) e.narrow(b);
      e.storeInt(a);
    },
  ],
  [PREPARED.loadDynamic, loadDynamic],
  [PREPARED.storeDynamic, storeDynamic],
  [PREPARED.column8, column('i64.load8_u', 0)],
  [PREPARED.column16, column('i64.load16_u', 1)],
  [PREPARED.column64, column('i64.load', 3)],
  [
    PREPARED.iflag,
    ({ e }, { a, b, c, difOffset }) => {
      needRow(e, b, difOffset);
      e.column('i64.load8_u', a, 0);
      e.code.tee(e.value).i64(BigInt(EVENT_FLAGS.IF_KNOWN)).op('i64.and', 'i64.eqz');
      noValueIf(e, b, difOffset);
      e.code.i64(0n).i64(1n).get(e.value).i64(BigInt(EVENT_FLAGS.IF)).op('i64.and', 'i64.eqz', 'select');
      e.pop(c);
    },
  ],
  [PREPARED.register, register(false)],
  [PREPARED.lowRegister, register(true)],
  [PREPARED.siteArgument, siteArgument],
  [
    PREPARED.argument,
    (state, instruction) => {
      const number = argumentOf(state.e, instruction.b)!;
      const b = BUILTIN_VARIABLES.arg0.id + number;
      siteArgument(state, { ...instruction, a: instruction.a + number * 2, b });
    },
  ],
  [
    PREPARED.uregs,
    (state, instruction) => {
      const a = registerOf(state.e, instruction.b)!;
      register(false)(state, { ...instruction, a, b: BUILTIN_VARIABLES.uregs.id });
    },
  ],
  [
    PREPARED.columnF64,
    ({ e }, { a, b, c, difOffset }) => {
      needRow(e, b, difOffset);
      const load = () => e.column('f64.load', a, 3);
      load();
      load();
      e.code.op('f64.ne'); // not a number
      noValueIf(e, b, difOffset);
      load();
      e.code.truncate();
      e.pop(c);
    },
  ],
  [
    PREPARED.ipl,
    ({ e }, { a, c }) => {
      const { IF, IF_KNOWN } = EVENT_FLAGS;
      e.code.i64(0n).set(e.value);
      if (!e.hasRow) e.code.get(e.frame.row).i32(NO_ROW).op('i32.ne').if();
      e.column('i64.load8_u', a, 0);
      e.code
        .i64(BigInt(IF | IF_KNOWN))
        .op('i64.and')
        .i64(BigInt(IF_KNOWN))
        .op('i64.eq', 'i64.extend_i32_u');
      e.code.set(e.value);
      if (!e.hasRow) e.code.end();
      e.code.get(e.value);
      e.pop(c);
    },
  ],
]);
