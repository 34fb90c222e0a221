/**
 * Fetching ahead: what the next rows will look up in tables that no cache holds is loaded before they are run.
 *
 * A look-up there waits for memory, for the bucket and then for the entry, while little else can be done; loads that do not
 * depend on each other wait together. So, in front of a group of rows, a function goes over them for each aggregation whose
 * keys are known from the row alone:
 *
 *   row ─▶ key ─▶ hash ─▶ bucket ─▶ note {hash, first entry}          for all rows of the group, then
 *   note ─▶ entry: its hash, its words; note what follows it           for all, as often as chains are followed
 *
 * It only loads. Whatever it takes for a key, or misses, costs time and changes nothing: entries may come and go in between.
 */
import { WasmCode, type WasmModule } from '../../base/wasm-encode.ts';
import { OPCODES, REGISTER_FILE_SIZE } from '../../dif/opcodes.ts';
import { NORMAL_BYTES } from '../aggregating.ts';
import type { PreparedClause } from '../ecb.ts';
import { ENTRY, TABLE_HEADER } from '../keyed-table.ts';
import { CELLS } from '../machine-state.ts';
import type { PreparedDifo } from '../prepare.ts';
import { PREPARED } from '../prepared-opcodes.ts';
import { isBranch, operandsOf, READS } from '../propagate.ts';
import { STEPS, type Step } from '../steps.ts';
import { emitDifo } from './emit-difo.ts';
import type { Emitter, FastContext } from './emitter.ts';
import { emitHash, load32, pushBucket } from './entry-code.ts';

/** Rows that are looked at together: their entries fit the first cache, and the wait at the end of a group is shared. */
export const GROUP = 64;
/** {hash u32, entry u32} for each of them. */
export const NOTE_BYTES = 8;
/** Tables with fewer entries are in the second cache: some 500 KiB. */
const LEAST_ENTRIES = 10_000;
/** Entries of a chain that are loaded. */
const ENTRIES = 2;

/** An aggregation step whose keys tell themselves from the row. */
export interface LookedUp {
  readonly keys: readonly Step[];
  readonly step: Step;
}

/** Those of a clause. */
export function lookedUp(context: FastContext, { steps }: PreparedClause): readonly LookedUp[] {
  const found: LookedUp[] = [];
  for (let i = 0; i < steps.length; i++) {
    if (steps[i]!.op !== STEPS.startKey) continue;
    const end = steps.findIndex(({ op }, at) => at > i && op === STEPS.aggregate);
    const keys = steps.slice(i + 1, end);
    const known = keys.every(({ op, difo }) => op === STEPS.keyInt && isOfRow(context, difo!));
    if (keys.length > 0 && known) found.push({ keys, step: steps[end]! });
    i = end;
  }
  return found;
}

const OF_ROW: ReadonlySet<number> = new Set([
  ...(
    ['or', 'xor', 'and', 'sub', 'add', 'mul', 'sll', 'srl', 'sra', 'not', 'cmp', 'tst', 'nop', 'ret'] as const
  ).map((name) => OPCODES[name].op),
  ...[PREPARED.copy, PREPARED.column8, PREPARED.column16, PREPARED.column64],
]);

/** Whether a value comes from the row and from constants, by instructions that neither fault nor store. */
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

/** What a function for one look-up is written with. */
export interface FetchParts {
  readonly module: WasmModule;
  readonly notesAt: number;
  /** An emitter for a row, after code that leaves with `skip` when its clause does not fire for it. */
  readonly beginRow: (code: WasmCode, row: number, skip: () => void) => Emitter;
}

/** Add the function (row, end) for one look-up to the module; its index. */
export function fetchFunction({ module, notesAt, beginRow }: FetchParts, { keys, step }: LookedUp): number {
  const [row, end] = [0, 1] as const;
  const code = new WasmCode(2);
  const [note, first, hash, entry] = [
    code.local('i32'),
    code.local('i32'),
    code.local('i32'),
    code.local('i32'),
  ];
  const [times, sum] = [code.local('i32'), code.local('i32')];
  const table = step.table!.table;
  code.i32(notesAt).set(note);
  const rows = code.loop();
  code.i32(0).set(entry);
  const skipped = code.block();
  const e = beginRow(code, row, () => code.br(skipped));
  const words = keys.map((key) => {
    const word = code.local('i64');
    emitDifo(e, key.difo!, key.number);
    e.narrow(key.narrowing);
    code.set(word);
    return word;
  });
  emitHash(code, words, hash);
  pushBucket(code, () => code.i32(0), table.at, hash);
  code.access('i32.load').set(entry).end();
  code.get(note).get(hash).access('i32.store').get(note).get(entry).access('i32.store', 4);
  code.get(note).i32(NOTE_BYTES).op('i32.add').set(note);
  code.get(row).i32(1).op('i32.add').tee(row).get(end).op('i32.lt_u').brIf(rows).end();

  code.i32(ENTRIES).set(times);
  const chains = code.loop();
  code.i32(notesAt).set(first);
  const notes = code.loop();
  // Entry 0 is none: what lies there can be read as well as any.
  code
    .get(first)
    .access('i32.load', 4)
    .tee(entry)
    .access('i32.load', ENTRY.key + keys.length * 8 + NORMAL_BYTES);
  code.get(sum).op('i32.add').set(sum);
  code.get(first).i32(0).get(entry).access('i32.load', ENTRY.next);
  code.get(entry).access('i32.load', ENTRY.hash).get(first).access('i32.load').op('i32.eq', 'select');
  code.access('i32.store', 4);
  code.get(first).i32(NOTE_BYTES).op('i32.add').tee(first).get(note).op('i32.lt_u').brIf(notes).end();
  code.get(times).i32(1).op('i32.sub').tee(times).brIf(chains).end();
  code.i32(notesAt).get(sum).access('i32.store'); // so that no compiler finds the loads useless
  return module.addFunction({ takes: ['i32', 'i32'], gives: [] }, code);
}

/** Push whether the table is worth it. */
export function pushIsLarge(code: WasmCode, { step }: LookedUp): void {
  load32(code, step.table!.table.at + TABLE_HEADER.count)
    .i32(LEAST_ENTRIES)
    .op('i32.gt_u');
}
