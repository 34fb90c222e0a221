/**
 * What generated code calls back for: faults, instructions and steps that the interpreter runs, entries that appear or go.
 *
 * Signatures are in emitter.ts. Nothing here throws or keeps a view across a call that may grow the memory.
 */
import { NO_ROW } from '../firing.ts';
import type { Instruction } from '../instruction.ts';
import { interpret } from '../interpreter.ts';
import { linkSteps } from '../link-steps.ts';
import { NO_FAULT } from '../machine-state.ts';
import { compareText, UNREADABLE } from '../memory-access.ts';
import { type ClauseRun, runSteps } from '../run-clause.ts';
import { type CallOutName, type FastContext, SCRATCH } from './emitter.ts';

export function callOuts(
  { m, tables, dynamic, fast, scratchAt, textKeyAt }: FastContext,
  run: ClauseRun,
): Record<CallOutName, (...args: number[]) => number | boolean | undefined> {
  const keyAt = scratchAt + SCRATCH.key;
  const valueAt = scratchAt + SCRATCH.value;
  const { firing, memory } = m;
  const lists: Instruction[] = []; // as the interpreter runs them
  return {
    fault: (code, difOffset, low, high) => {
      m.faultCode = NO_FAULT; // of a clause before: lean code need not be started
      m.faultOffset = difOffset!;
      m.faultWith(code!, low!, high!);
      return undefined;
    },
    piece: (number) => {
      const { difo, depth } = fast.pieces[number!]!;
      m.tupleDepth = depth;
      return interpret(m, run.interpreter, difo) >= 0;
    },
    steps: (number, payload) => {
      lists[number!] ??= linkSteps(run, fast.lists[number!]!);
      return runSteps(run, lists[number!]!, payload!);
    },
    compare: (a, b, difOffset) => {
      const outcome = compareText(m, a!, b!);
      if (outcome === UNREADABLE) m.faultOffset = difOffset!;
      return outcome;
    },
    register: (register, variable, difOffset, row) => {
      if (row !== NO_ROW && firing.batch.registers.read(row!, register!, memory, valueAt)) return true;
      m.faultCode = NO_FAULT;
      m.faultOffset = difOffset!;
      return m.noValue(variable!);
    },
    insert: (number, keyBytes, cpu) => {
      firing.cpu = cpu!; // a run over rows does not set it
      const words = fast.aggregations[number!]!.wordsOf(keyAt, keyBytes!);
      if (words === 0) run.dropAggregation();
      return words;
    },
    insertText: (number, keyBytes, cpu) => {
      firing.cpu = cpu!;
      const words = fast.aggregations[number!]!.wordsOf(textKeyAt, keyBytes!);
      if (words === 0) run.dropAggregation();
      return words;
    },
    store: (slot, keyBytes, cpu) => {
      firing.cpu = cpu!;
      dynamic.storeAt(m, tables.slots[slot!]!, keyAt, keyBytes!, valueAt >>> 2);
      return undefined;
    },
  };
}
