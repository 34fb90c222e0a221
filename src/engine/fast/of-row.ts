/**
 * Which DIFOs have a value that comes from the row and from constants alone, by instructions that neither fault nor store: so
 * it can be computed at any time, and once for all.
 */
import { OPCODES, REGISTER_FILE_SIZE } from '../../dif/opcodes.ts';
import { CELLS } from '../machine-state.ts';
import type { PreparedDifo } from '../prepare.ts';
import { PREPARED } from '../prepared-opcodes.ts';
import { isBranch, operandsOf, READS } from '../propagate.ts';
import type { FastContext } from './emitter.ts';

const OF_ROW: ReadonlySet<number> = new Set([
  ...(
    ['or', 'xor', 'and', 'sub', 'add', 'mul', 'sll', 'srl', 'sra', 'not', 'cmp', 'tst', 'nop', 'ret'] as const
  ).map((name) => OPCODES[name].op),
  ...[PREPARED.copy, PREPARED.column8, PREPARED.column16, PREPARED.column64],
]);

export function isOfRow(context: FastContext, { code, direct }: PreparedDifo): boolean {
  if (direct !== 0) return isPlaceOfRow(context, direct);
  for (let pc = 0; pc < code.length; pc += 4) {
    const op = code[pc]!;
    const isColumn =
      (op === PREPARED.register || op === PREPARED.lowRegister) &&
      context.m.firing.batch.registerColumns.has(code[pc + 1]!);
    if (!OF_ROW.has(op) && !isBranch(op) && !isColumn) return false;
    const operands = operandsOf(op);
    if (READS.some((bit, i) => (operands & bit) !== 0 && !isPlaceOfRow(context, code[pc + 1 + i]!)))
      return false;
  }
  return true;
}

/** Whether the value is known not to be negative. */
export function isNatural({ tables, m }: FastContext, { code, direct }: PreparedDifo): boolean {
  if (direct !== 0) return false;
  for (let pc = 0; pc < code.length; pc += 4) if (isBranch(code[pc]!)) return false;
  const last = code.length - 8; // before `ret`
  const [op, a, b, c] = code.subarray(last, last + 4);
  if (last < 0 || code[last + 7] !== c) return false;
  if (op === PREPARED.column8 || op === PREPARED.column16) return true;
  const isMask = (place: number) => tables.isConstant(place * 4) && m.memory.i64[place >>> 1]! >= 0n;
  return op === OPCODES.and.op && (isMask(a!) || isMask(b!));
}

function isPlaceOfRow({ m, tables }: FastContext, place: number): boolean {
  const cell = place * 4 - m.cellsAt;
  const isRegister = place >= m.registersAt >>> 2 && place < (m.registersAt >>> 2) + REGISTER_FILE_SIZE * 2;
  return (
    isRegister ||
    cell === CELLS.zero ||
    cell === CELLS.cpu ||
    cell === CELLS.tid ||
    tables.isConstant(place * 4)
  );
}
