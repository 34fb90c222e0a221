/**
 * Dynamic integer variables as WebAssembly: their entries are found, loaded and stored into in place.
 */
import { FIRST_FREE } from '../../base/linear-memory.ts';
import { ENTRY } from '../keyed-table.ts';
import type { VariableSlot } from '../variables.ts';
import { type DifoState, type EmitInstruction, type Instruction, slotOf } from './difo-state.ts';
import { type Emitter, RECENT_CPUS, SCRATCH } from './emitter.ts';

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

export const loadDynamic: EmitInstruction = (state, instruction) => {
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
export const storeDynamic: EmitInstruction = (state, instruction) => {
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
