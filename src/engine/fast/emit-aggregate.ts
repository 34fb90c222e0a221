/**
 * Aggregations in generated code: the key, its entry, and the update of its words in place.
 *
 * Keys of integers stay in local variables. A key with strings is put together in memory (FastContext.textKeyAt), where only
 * strings can come that lie in linear memory and end with a NUL: names of the probe, constants, global string variables.
 * Entries that are new and do not fit the slab at hand are made by TypeScript (call-outs.ts).
 */
import type { WasmLabel } from '../../base/wasm-encode.ts';
import type { AggFuncName } from '../../dif/aggregating-functions.ts';
import { QUANTIZE_ZERO_BUCKET } from '../../dif/aggregating-functions.ts';
import { OPCODES } from '../../dif/opcodes.ts';
import { type AggregationTable, NORMAL_BYTES } from '../aggregating.ts';
import { ENTRY, TABLE_HEADER } from '../keyed-table.ts';
import { NARROW } from '../narrowing.ts';
import type { PreparedDifo } from '../prepare.ts';
import { PREPARED } from '../prepared-opcodes.ts';
import { STEPS, type Step } from '../steps.ts';
import { emitDifo } from './emit-difo.ts';
import {
  type Emitter,
  type FastContext,
  isTextCell,
  type KeyWord,
  MAX_KEY_WORDS,
  SCRATCH,
  TEXT_KEY_STRINGS,
} from './emitter.ts';
import { emitHash, load32, pushBucket, pushDiffers } from './entry-code.ts';
import { isNatural, isOfRow } from './of-row.ts';

/** How many steps from the startKey at `i` on are emitted together; 0 when they are left to runSteps. */
export function nativeKeySteps(context: FastContext, steps: readonly Step[], i: number): number {
  let end = i + 1;
  let strings = 0;
  for (; steps[end]!.op !== STEPS.aggregate; end++) {
    const { op, difo } = steps[end]!;
    const isText = op === STEPS.keyText && isPlainText(context, difo!);
    if (op !== STEPS.keyInt && !isText) return 0;
    if (isText) strings++;
  }
  const fits = end - i - 1 < MAX_KEY_WORDS && strings <= TEXT_KEY_STRINGS;
  return fits && UPDATES[steps[end]!.table!.func] !== undefined ? end - i + 1 : 0;
}

/** Whether the value is the address of a string in linear memory that may be read up to its NUL, or 0. */
export function isPlainText(context: FastContext, { code, direct }: PreparedDifo): boolean {
  if (direct !== 0) return isTextCell(context, direct);
  const { tables } = context;
  const op = code[0]!;
  const isOne = code.length === 8 && code[4] === OPCODES.ret.op && code[7] === code[3];
  if (!isOne) return false;
  return op === PREPARED.address || (op === PREPARED.loadRef && tables.slots[code[1]!]!.kind === 'string');
}

/** Copy a plain text's string to the address on the stack; push how long it is, at most `most`. */
export function emitCopyText(e: Emitter, difo: PreparedDifo, number: number, to: number, most: number): void {
  emitDifo(e, difo, number);
  e.code.op('i32.wrap_i64').get(to).i32(most).call(e.lookUps.copyText);
}

/** `keys` and then `step`, which updates. */
export function emitAggregate(e: Emitter, keys: readonly Step[], step: Step): void {
  const { code } = e;
  const table = step.table!;
  const hasText = keys.some(({ op }) => op === STEPS.keyText);
  const keyBytes = hasText ? emitTextKey(e, keys) : 0;
  const known = hasText ? undefined : e.lastKey;
  const id = hasText ? '' : idOf(e.context, keys);
  const isKnown = known !== undefined && known.id === id;
  const words = hasText ? [] : isKnown ? known.words : keys.map((key) => emitKeyWord(e, key));
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
  const at = code.local('i32');
  const dropped = code.block();
  const found = code.block();
  if (hasText) emitTextEntry(e, table, keyBytes, at);
  else if (words.length === 0) emitOnlyEntry(e, table, { at, found });
  else {
    const hash = isKnown ? known.hash : emitKeyHash(e, words);
    if (id !== '') e.lastKey = { id, words, hash };
    emitEntry(e, table, words, hash, { at, found });
  }
  code.get(at).op('i32.eqz').brIf(dropped).end();
  const natural = step.difo !== undefined && isNatural(e.context, step.difo);
  UPDATES[table.func]!(e, { at, value, natural, increment, table });
  code.end();
}

/** What a key is made of, when that is the row alone; else nothing, and it is made anew each time. */
function idOf(context: FastContext, keys: readonly Step[]): string {
  if (keys.length === 0 || !keys.every(({ difo }) => isOfRow(context, difo!))) return '';
  return keys.map(({ difo, narrowing }) => `${difo!.direct} ${difo!.code.join()} ${narrowing}`).join(';');
}

function emitKeyWord(e: Emitter, { difo, number, narrowing }: Step): KeyWord {
  const local = e.code.local('i64');
  const isColumn = isShortColumn(difo!);
  emitDifo(e, difo!, number);
  if (!isColumn || !WIDE.has(narrowing)) e.narrow(narrowing);
  e.code.set(local);
  return { local, isShort: SHORT.has(narrowing) || (isColumn && WIDE.has(narrowing)) };
}

const SHORT: ReadonlySet<number> = new Set([NARROW.u8, NARROW.u16, NARROW.u32]);
/** What leaves 16 bits as they are. */
const WIDE: ReadonlySet<number> = new Set([NARROW.none, NARROW.u16, NARROW.s32, NARROW.u32]);

/** A column of u8 or u16 as it is. */
function isShortColumn({ code, direct }: PreparedDifo): boolean {
  const isColumn = code[0] === PREPARED.column8 || code[0] === PREPARED.column16;
  return direct === 0 && isColumn && code.length === 8 && code[4] === OPCODES.ret.op && code[7] === code[3];
}

function emitKeyHash({ code }: Emitter, words: readonly KeyWord[]): number {
  const hash = code.local('i32');
  const short = words.filter(({ isShort }) => isShort).map(({ local }) => local);
  emitHash(code, localsOf(words), hash, new Set(short));
  return hash;
}

function localsOf(words: readonly KeyWord[]): readonly number[] {
  return words.map(({ local }) => local);
}

/**
 * The key in memory; returns the local with its length. A string is its length as u32, its bytes, and zeros up to a whole
 * word, which are written first where they may have to be.
 */
function emitTextKey(e: Emitter, keys: readonly Step[]): number {
  const { code } = e;
  const { textKeyAt, m } = e.context;
  const [at, to, length] = [code.local('i32'), code.local('i32'), code.local('i32')];
  code.i32(textKeyAt).set(at);
  for (const key of keys) {
    if (key.op === STEPS.keyInt) {
      const word = emitKeyWord(e, key);
      code.get(at).get(word.local).access('i64.store').get(at).i32(8).op('i32.add').set(at);
      continue;
    }
    code.get(at).i32(4).op('i32.add').set(to);
    emitCopyText(e, key.difo!, key.number, to, m.strsize);
    code.set(length).get(at).get(length).access('i32.store');
    code.get(to).get(length).op('i32.add').i64(0n).access('i64.store');
    code.get(length).i32(11).op('i32.add').i32(-8).op('i32.and').get(at).op('i32.add').set(at);
  }
  code.get(at).i32(textKeyAt).op('i32.sub').set(length);
  return length;
}

function emitTextEntry(e: Emitter, table: AggregationTable, keyBytes: number, at: number): void {
  const { code } = e;
  const { textKeyAt, fast } = e.context;
  code.i32(table.table.at).i32(textKeyAt).get(keyBytes).call(e.lookUps.findText).tee(at).if();
  code
    .get(at)
    .get(keyBytes)
    .i32(ENTRY.key + NORMAL_BYTES)
    .op('i32.add', 'i32.add')
    .set(at)
    .op('else');
  code.i32(numberOf(fast.aggregations, table)).get(keyBytes).get(e.frame.cpu);
  e.callOut('insertText');
  code.set(at).end();
}

/** What looking an entry up leaves: the offset of its words, and where to go right away when that is known not to be 0. */
interface Found {
  readonly at: number;
  readonly found: WasmLabel;
}

/**
 * Leave the offset of the words kept under the key in `at`; 0 when there is no room, which is then counted. The first entry
 * of the bucket is looked at right here; it mostly is the one.
 */
function emitEntry(
  e: Emitter,
  table: AggregationTable,
  words: readonly KeyWord[],
  hash: number,
  { at, found }: Found,
): void {
  const { code } = e;
  const entry = code.local('i32');
  const key = localsOf(words);
  pushBucket(code, () => code.i32(0), table.table.at, hash);
  code.access('i32.load').set(entry);
  const other = code.block();
  pushDiffers(code, key, entry);
  code.brIf(other).get(entry).op('i32.eqz').brIf(other);
  code.get(entry).i32(ENTRY.key + words.length * 8 + NORMAL_BYTES);
  code.op('i32.add').set(at).br(found).end();
  code.get(hash);
  for (const word of key) code.get(word);
  code.call(e.lookUps.wordsOf(table, words.length)).tee(at).brIf(found);
  emitInsert(e, table, key, at);
}

/** Without keys there is but one, which is remembered. */
function emitOnlyEntry(e: Emitter, table: AggregationTable, { at, found }: Found): void {
  const { code } = e;
  const hintAt = table.table.at + TABLE_HEADER.hint;
  load32(code, hintAt).tee(at).if();
  code.get(at).i32(ENTRY.key + NORMAL_BYTES);
  code.op('i32.add').set(at).br(found).end();
  emitInsert(e, table, [], at);
}

/** By TypeScript, in the way of interpreted code. */
function emitInsert(e: Emitter, table: AggregationTable, words: readonly number[], at: number): void {
  const { code } = e;
  const { scratchAt, fast } = e.context;
  words.forEach((word, i) => {
    code
      .i32(scratchAt)
      .get(word)
      .access('i64.store', SCRATCH.key + i * 8);
  });
  code
    .i32(numberOf(fast.aggregations, table))
    .i32(words.length * 8)
    .get(e.frame.cpu);
  e.callOut('insert');
  code.set(at);
}

function numberOf<T>(list: T[], item: T): number {
  const known = list.indexOf(item);
  return known !== -1 ? known : list.push(item) - 1;
}

/** Locals of an update: where the words are, what comes in. */
interface Update {
  readonly at: number; // i32
  readonly value: number;
  /** Whether it is known not to be negative. */
  readonly natural: boolean;
  readonly increment: number;
  readonly table: AggregationTable;
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
  quantize: (e, { at, value, natural, increment }) => {
    if (natural) {
      e.code
        .i64(BigInt(QUANTIZE_ZERO_BUCKET + 64))
        .get(value)
        .op('i64.clz', 'i64.sub')
        .set(e.result);
      addToBucket(e, at, e.result, increment);
      return;
    }
    const sign = e.value;
    e.code.get(value).i64(63n).op('i64.shr_s').set(sign);
    // Bits of |value|, by its sign above or below the bucket of 0; those of the least value count one bucket higher.
    const index = e.result;
    e.code.i64(64n).get(value).get(sign).op('i64.xor').get(sign).op('i64.sub', 'i64.clz', 'i64.sub');
    e.code.get(sign).op('i64.xor').get(sign).op('i64.sub').i64(BigInt(QUANTIZE_ZERO_BUCKET)).op('i64.add');
    e.code.tee(index).get(index).i64(63n).op('i64.shr_s', 'i64.sub').set(index);
    addToBucket(e, at, index, increment);
  },
  lquantize: (e, { at, value, increment, table }) => {
    const { params } = table.shape;
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
  llquantize: (e, { at, value, increment, table }) => {
    const { bounds, boundsAt } = table.shape;
    const { code } = e;
    const [low, high, middle] = [code.local('i32'), code.local('i32'), code.local('i32')];
    const magnitude = code.local('i64');
    emitMagnitude(e, value, magnitude);
    code.i32(0).set(low).i32(bounds.length).set(high);
    const found = code.block();
    const again = code.loop();
    code.get(low).get(high).op('i32.ge_u').brIf(found);
    code.get(low).get(high).op('i32.add').i32(1).op('i32.shr_u').tee(middle);
    code.i32(3).op('i32.shl').access('i64.load', boundsAt).get(magnitude).op('i64.le_u').if();
    code.get(middle).i32(1).op('i32.add').set(low).op('else').get(middle).set(high).end();
    code.br(again).end().end();
    // Buckets of negative values lie below the middle one.
    code.i32(bounds.length).get(low).op('i32.sub').i32(bounds.length).get(low).op('i32.add');
    code.get(value).i64(0n).op('i64.lt_s', 'select', 'i64.extend_i32_u').set(e.result);
    addToBucket(e, at, e.result, increment);
  },
  // The sum of squares has 128 bits: |x|² from the halves of |x|, with the product of both shifted in.
  stddev: (e, { at, value }) => {
    const { code } = e;
    const [low, high, middle] = [code.local('i64'), code.local('i64'), code.local('i64')];
    addTo(e, at, 0, () => code.i64(1n));
    addTo(e, at, 8, () => code.get(value));
    emitMagnitude(e, value, value);
    code.get(value).i64(0xffffffffn).op('i64.and').set(low).get(value).i64(32n).op('i64.shr_u').set(high);
    code.get(low).get(high).op('i64.mul').set(middle);
    code.get(low).get(low).op('i64.mul').tee(low).get(middle).i64(33n).op('i64.shl', 'i64.add').set(value);
    code.get(high).get(high).op('i64.mul').get(middle).i64(31n).op('i64.shr_u', 'i64.add');
    code.get(value).get(low).op('i64.lt_u', 'i64.extend_i32_u', 'i64.add').set(high);
    addTo(e, at, 16, () => code.get(value));
    code.get(at).access('i64.load', 16).get(value).op('i64.lt_u', 'i64.extend_i32_u').set(low);
    addTo(e, at, 24, () => code.get(high).get(low).op('i64.add'));
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

/** As an unsigned number, so that of the least one, too. */
function emitMagnitude({ code }: Emitter, value: number, to: number): void {
  code.i64(0n).get(value).op('i64.sub').get(value);
  code.get(value).i64(0n).op('i64.lt_s', 'select').set(to);
}
