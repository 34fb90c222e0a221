/**
 * What is kept in mind while the code of a DIFO is emitted, instruction by instruction (emit-difo.ts).
 */
import type { WasmLabel } from '../../base/wasm-encode.ts';
import { PREPARED } from '../prepared-opcodes.ts';
import { operandsOf, WRITES_C } from '../propagate.ts';
import type { VariableSlot } from '../variables.ts';
import { type Emitter, isTextCell } from './emitter.ts';

/** One instruction: operands as in prepared code. */
export interface Instruction {
  readonly op: number;
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly difOffset: number;
}

/** What emitting a DIFO keeps in mind. */
export interface DifoState {
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

export type EmitInstruction = (state: DifoState, instruction: Instruction) => void;

export function slotOf({ context }: Emitter, { a }: Instruction): VariableSlot {
  return context.tables.slots[a]!;
}

export function isText({ e, texts }: DifoState, place: number): boolean {
  const register = e.registerAt(place);
  return register >= 0 ? texts.has(register) : isTextCell(e.context, place);
}

/** What an instruction leaves in its register. */
export function noteText(state: DifoState, { op, a, c }: Instruction): void {
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
export function noteConstant({ e, constants }: DifoState, { op, a, c }: Instruction): void {
  const register = (operandsOf(op) & WRITES_C) === 0 ? -1 : e.registerAt(c);
  if (register < 0) return;
  const known = op === PREPARED.copy ? (constants.get(e.registerAt(a)) ?? e.constantAt(a)) : undefined;
  if (known === undefined) constants.delete(register);
  else constants.set(register, known);
}
