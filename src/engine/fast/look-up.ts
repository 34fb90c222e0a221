/**
 * Finding and making entries of keyed tables from generated code, by functions of the module that are made when first used:
 *
 *   find        (header, word, …) → entry or 0, one per number of key words, which come in parameters and not in memory
 *   words       (hash, word, …) → where the words of an aggregation's entry are, which is made if there is room for it at
 *               hand (entry-code.ts); else 0, and TypeScript is asked
 *   put         (word, …, value) → whether the dynamic integer variable was stored: its entry made, changed, or removed for 0
 *   findText    (header, key, keyBytes) → entry or 0, for keys in memory that are as long as their strings
 *   compareText (a, b, most) → −1, 0 or 1 for the strings at `a` and `b`, of which `most` bytes count; one at 0 is empty
 *   copyText    (from, to, most) → length of the string at `from` (none when that is 0), copied without its NUL
 */
import { WasmCode, type WasmModule } from '../../base/wasm-encode.ts';
import { type AggregationTable, NORMAL_BYTES } from '../aggregating.ts';
import { chunkBytes, headOf, POOL } from '../chunk-pool.ts';
import { ENTRY, TABLE_HEADER } from '../keyed-table.ts';
import type { DynamicVariables } from '../variables.ts';
import {
  emitHash,
  emitKeyTest,
  emitNewEntry,
  emitTakeChunk,
  increase32,
  load32,
  pushBucket,
} from './entry-code.ts';
import { compareTextCode, copyTextCode, findTextCode } from './text-look-up.ts';

/** A value of more words than that is zeroed by TypeScript. */
const MOST_ZEROED_WORDS = 160;

export class LookUps {
  private readonly module: WasmModule;
  private readonly finds = new Map<number, number>();
  private readonly words = new Map<AggregationTable, number>();
  private readonly puts = new Map<number, number>();
  private text: number | undefined;
  private copy: number | undefined;
  private compare: number | undefined;

  constructor(module: WasmModule) {
    this.module = module;
  }

  find(words: number): number {
    const known = this.finds.get(words);
    if (known !== undefined) return known;
    const takes = ['i32', ...new Array<'i64'>(words).fill('i64')] as const;
    const index = this.module.addFunction({ takes, gives: ['i32'] }, findCode(words));
    this.finds.set(words, index);
    return index;
  }

  /** Keys of one aggregation all have as many words. */
  wordsOf(table: AggregationTable, words: number): number {
    const known = this.words.get(table);
    if (known !== undefined) return known;
    const takes = ['i32', ...new Array<'i64'>(words).fill('i64')] as const;
    const index = this.module.addFunction({ takes, gives: ['i32'] }, wordsCode(table, words));
    this.words.set(table, index);
    return index;
  }

  /** In a clause that has no grants (machine-state.ts), which a removal would revoke. */
  put(dynamic: DynamicVariables, words: number): number {
    const known = this.puts.get(words);
    if (known !== undefined) return known;
    const takes = new Array<'i64'>(words + 1).fill('i64');
    const index = this.module.addFunction({ takes, gives: ['i32'] }, putCode(dynamic, words));
    this.puts.set(words, index);
    return index;
  }

  get findText(): number {
    const takes = ['i32', 'i32', 'i32'] as const;
    this.text ??= this.module.addFunction({ takes, gives: ['i32'] }, findTextCode());
    return this.text;
  }

  get compareText(): number {
    const takes = ['i32', 'i32', 'i32'] as const;
    this.compare ??= this.module.addFunction({ takes, gives: ['i32'] }, compareTextCode());
    return this.compare;
  }

  get copyText(): number {
    const takes = ['i32', 'i32', 'i32'] as const;
    this.copy ??= this.module.addFunction({ takes, gives: ['i32'] }, copyTextCode());
    return this.copy;
  }
}

/** Numbers of parameters: `count` of them from `first` on. */
function parameters(first: number, count: number): readonly number[] {
  return Array.from({ length: count }, (_, i) => first + i);
}

function findCode(words: number): WasmCode {
  const header = 0;
  const key = parameters(1, words);
  const code = new WasmCode(1 + words);
  const hash = code.local('i32');
  const entry = code.local('i32');
  emitHash(code, key, hash);
  pushBucket(code, () => code.get(header), 0, hash);
  code.access('i32.load').set(entry);
  emitSearch(code, key, entry, hash);
  return code.op('unreachable');
}

/** Follow the chain from `entry`; when it ends, returns 0. */
function emitSearch(code: WasmCode, key: readonly number[], entry: number, hash: number): void {
  const again = code.loop();
  code.get(entry).op('i32.eqz').if();
  code.i32(0).op('return').end();
  const next = code.block();
  code.get(entry).access('i32.load', ENTRY.hash).get(hash).op('i32.ne').brIf(next);
  code
    .get(entry)
    .access('i32.load', ENTRY.keyBytes)
    .i32(key.length * 8)
    .op('i32.ne')
    .brIf(next);
  emitKeyTest(code, key, entry, next);
  code.get(entry).op('return').end();
  code.get(entry).access('i32.load', ENTRY.next).set(entry).br(again).end();
}

/** All keys of the table have that many words, so an entry's words alone tell whether it is the one. */
function wordsCode({ table, func, shape, valueBytes }: AggregationTable, words: number): WasmCode {
  const hash = 0;
  const key = parameters(1, words);
  const code = new WasmCode(1 + words);
  const [bucket, entry] = [code.local('i32'), code.local('i32')];
  const valueAt = ENTRY.key + words * 8;
  const wordsAt = valueAt + NORMAL_BYTES;
  pushBucket(code, () => code.i32(0), table.at, hash);
  code.tee(bucket).access('i32.load').set(entry);
  const absent = code.block();
  const again = code.loop();
  code.get(entry).op('i32.eqz').brIf(absent);
  const next = code.block();
  emitKeyTest(code, key, entry, next);
  code.get(entry).i32(wordsAt).op('i32.add', 'return').end();
  code.get(entry).access('i32.load', ENTRY.next).set(entry).br(again).end();
  code.end();

  const sizeBytes = valueAt + valueBytes;
  if (shape.words > MOST_ZEROED_WORDS || chunkBytes(sizeBytes) !== sizeBytes) return code.i32(0);
  emitTakeChunk(code, { tableAt: table.at, poolAt: table.pool.at }, sizeBytes, entry, () => {
    code.if();
    code.i32(0).op('return').end();
  });
  code.get(entry).get(bucket).access('i32.load').access('i32.store', ENTRY.next);
  code.get(bucket).get(entry).access('i32.store');
  emitNewEntry(code, { entry, hash }, key, sizeBytes);
  code.get(entry).i64(1n).access('i64.store', valueAt);
  const identity = func === 'min' ? (1n << 63n) - 1n : func === 'max' ? -(1n << 63n) : 0n;
  for (let i = 0; i < shape.words; i++) {
    code
      .get(entry)
      .i64(identity)
      .access('i64.store', wordsAt + i * 8);
  }
  return code.get(entry).i32(wordsAt).op('i32.add');
}

function putCode({ tableAt, poolAt }: DynamicVariables, words: number): WasmCode {
  const key = parameters(0, words);
  const value = words;
  const code = new WasmCode(words + 1);
  const [hash, link, entry] = [code.local('i32'), code.local('i32'), code.local('i32')];
  const sizeBytes = ENTRY.key + words * 8 + 8;
  const headAt = poolAt + headOf(sizeBytes);
  emitHash(code, key, hash);
  pushBucket(code, () => code.i32(0), tableAt, hash);
  code.set(link);
  const absent = code.block();
  const again = code.loop();
  code.get(link).access('i32.load').tee(entry).op('i32.eqz').brIf(absent);
  const next = code.block();
  code
    .get(entry)
    .access('i32.load', ENTRY.keyBytes)
    .i32(words * 8)
    .op('i32.ne')
    .brIf(next);
  emitKeyTest(code, key, entry, next);
  code.get(value).op('i64.eqz').if();
  code.get(link).get(entry).access('i32.load', ENTRY.next).access('i32.store');
  increase32(code, tableAt + TABLE_HEADER.count, -1);
  increase32(code, poolAt + POOL.used, -sizeBytes);
  code
    .i32(0)
    .i32(0)
    .access('i32.store', tableAt + TABLE_HEADER.hint);
  code.get(entry).i32(0).access('i32.store', ENTRY.keyBytes);
  code.get(entry).i32(0).access('i32.store', ENTRY.key);
  code.get(entry);
  load32(code, headAt).access('i32.store');
  code.i32(0).get(entry).access('i32.store', headAt);
  code
    .op('else')
    .get(entry)
    .get(value)
    .access('i64.store', ENTRY.key + words * 8)
    .end();
  code.i32(1).op('return').end();
  code.get(entry).set(link).br(again).end().end(); // an entry begins with the next one's offset

  code.get(value).op('i64.eqz').if();
  code.i32(1).op('return').end();
  emitTakeChunk(code, { tableAt, poolAt }, sizeBytes, entry, () => {
    code.if();
    code.i32(0).op('return').end();
  });
  code.get(entry).i32(0).access('i32.store', ENTRY.next); // at the end of its chain
  code.get(link).get(entry).access('i32.store');
  emitNewEntry(code, { entry, hash }, key, sizeBytes);
  code
    .get(entry)
    .get(value)
    .access('i64.store', ENTRY.key + words * 8);
  return code.i32(1);
}
