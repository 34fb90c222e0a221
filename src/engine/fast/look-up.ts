/**
 * Finding and making entries of keyed tables (keyed-table.ts has the layout and the hash) from generated code, by functions of
 * the module that are made when first used:
 *
 *   find        (header, word, …) → entry or 0, one per number of key words, which come in parameters and not in memory
 *   words       (word, …) → where the words of an aggregation's entry are, which is made if there is room for it at hand
 *               (the rest of the pool's slab, buckets that need not double); else 0, and TypeScript is asked
 *   put         (word, …, value) → whether the dynamic integer variable was stored: its entry made, changed, or removed for 0
 *   findText    (header, key, keyBytes) → entry or 0, for keys in memory that are as long as their strings
 *   compareText (a, b, most) → −1, 0 or 1 for the strings at `a` and `b`, of which `most` bytes count; one at 0 is empty
 *   copyText    (from, to, most) → length of the string at `from` (none when that is 0), copied without its NUL
 *
 * The hash is that of the table with its chain of multiplications opened up: hash(w₁ … wₙ) before mixing is
 * keyBytes·Cⁿ + Σ wᵢ·Cⁿ⁻ⁱ⁺¹, whose terms do not wait for each other.
 */
import { WasmCode, type WasmModule } from '../../base/wasm-encode.ts';
import { type AggregationTable, NORMAL_BYTES } from '../aggregating.ts';
import { chunkBytes, headOf, POOL } from '../chunk-pool.ts';
import { ENTRY, HASH, TABLE_HEADER } from '../keyed-table.ts';
import type { DynamicVariables } from '../variables.ts';

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
    const takes = new Array<'i64'>(words).fill('i64');
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

function findCode(words: number): WasmCode {
  const header = 0;
  const code = new WasmCode(1 + words);
  const hash = code.local('i32');
  const entry = code.local('i32');
  emitHash(code, words, 1, hash);
  // The bucket's first entry: bucketsAt + (hash & mask) * 4.
  code.get(header).access('i32.load', TABLE_HEADER.bucketsAt);
  code.get(hash).get(header).access('i32.load', TABLE_HEADER.bucketMask).op('i32.and');
  code.i32(2).op('i32.shl', 'i32.add').access('i32.load').set(entry);
  emitSearch(code, words, 1, entry, hash);
  return code.op('unreachable');
}

/** Follow the chain from `entry`; when it ends, returns 0. */
function emitSearch(code: WasmCode, words: number, first: number, entry: number, hash: number): void {
  const again = code.loop();
  code.get(entry).op('i32.eqz').if();
  code.i32(0).op('return').end();
  const next = code.block();
  code.get(entry).access('i32.load', ENTRY.hash).get(hash).op('i32.ne').brIf(next);
  code
    .get(entry)
    .access('i32.load', ENTRY.keyBytes)
    .i32(words * 8)
    .op('i32.ne')
    .brIf(next);
  emitKeyTest(code, words, first, entry, next);
  code.get(entry).op('return').end();
  code.get(entry).access('i32.load', ENTRY.next).set(entry).br(again).end();
}

function emitKeyTest(code: WasmCode, words: number, first: number, entry: number, other: number): void {
  for (let i = 0; i < words; i++) {
    code
      .get(entry)
      .access('i64.load', ENTRY.key + i * 8)
      .get(first + i)
      .op('i64.ne')
      .brIf(other);
  }
}

/** All keys of the table have that many words, so an entry's words alone tell whether it is the one. */
function wordsCode({ table, func, shape, valueBytes }: AggregationTable, words: number): WasmCode {
  const code = new WasmCode(words);
  const [hash, bucket, entry] = [code.local('i32'), code.local('i32'), code.local('i32')];
  const valueAt = ENTRY.key + words * 8;
  emitHash(code, words, 0, hash);
  code.i32(0).access('i32.load', table.at + TABLE_HEADER.bucketsAt);
  code
    .get(hash)
    .i32(0)
    .access('i32.load', table.at + TABLE_HEADER.bucketMask)
    .op('i32.and');
  code.i32(2).op('i32.shl', 'i32.add').tee(bucket).access('i32.load').set(entry);
  const search = code.block();
  const again = code.loop();
  code.get(entry).op('i32.eqz').brIf(search);
  const next = code.block();
  emitKeyTest(code, words, 0, entry, next);
  code
    .get(entry)
    .i32(valueAt + NORMAL_BYTES)
    .op('i32.add', 'return')
    .end();
  code.get(entry).access('i32.load', ENTRY.next).set(entry).br(again).end();
  code.end();

  const { at: pool } = table.pool;
  const sizeBytes = valueAt + valueBytes;
  const leaveUnless = () => {
    code.op('i32.eqz').if();
    code.i32(0).op('return').end();
  };
  if (shape.words > MOST_ZEROED_WORDS || chunkBytes(sizeBytes) !== sizeBytes) return code.i32(0);
  const load = (at: number) => code.i32(0).access('i32.load', at);
  load(pool + headOf(sizeBytes)).op('i32.eqz');
  leaveUnless(); // a chunk that was freed waits to be used again
  load(pool + POOL.slabEnd);
  load(pool + POOL.slabAt)
    .tee(entry)
    .op('i32.sub')
    .i32(sizeBytes)
    .op('i32.ge_u');
  leaveUnless();
  load(pool + POOL.limit);
  load(pool + POOL.used)
    .op('i32.sub')
    .i32(sizeBytes)
    .op('i32.ge_u');
  leaveUnless();
  load(table.at + TABLE_HEADER.count);
  load(table.at + TABLE_HEADER.bucketMask).op('i32.le_u');
  leaveUnless();

  const increase = (at: number, by: number) => {
    code.i32(0);
    load(at).i32(by).op('i32.add').access('i32.store', at);
  };
  increase(pool + POOL.slabAt, sizeBytes);
  increase(pool + POOL.used, sizeBytes);
  increase(table.at + TABLE_HEADER.count, 1);
  code.get(entry).get(bucket).access('i32.load').access('i32.store', ENTRY.next);
  code.get(bucket).get(entry).access('i32.store');
  emitNewEntry(code, { entry, hash }, words, sizeBytes);
  code.get(entry).i64(1n).access('i64.store', valueAt);
  const identity = func === 'min' ? (1n << 63n) - 1n : func === 'max' ? -(1n << 63n) : 0n;
  for (let i = 0; i < shape.words; i++) {
    code
      .get(entry)
      .i64(identity)
      .access('i64.store', valueAt + NORMAL_BYTES + i * 8);
  }
  return code
    .get(entry)
    .i32(valueAt + NORMAL_BYTES)
    .op('i32.add');
}

function putCode({ tableAt, poolAt }: DynamicVariables, words: number): WasmCode {
  const value = words;
  const code = new WasmCode(words + 1);
  const [hash, link, entry] = [code.local('i32'), code.local('i32'), code.local('i32')];
  const sizeBytes = ENTRY.key + words * 8 + 8;
  const headAt = poolAt + headOf(sizeBytes);
  const load = (at: number) => code.i32(0).access('i32.load', at);
  const increase = (at: number, by: number) => {
    code.i32(0);
    load(at).i32(by).op('i32.add').access('i32.store', at);
  };
  const giveUp = () => {
    code.if();
    code.i32(0).op('return').end();
  };
  emitHash(code, words, 0, hash);
  load(tableAt + TABLE_HEADER.bucketsAt);
  code.get(hash);
  load(tableAt + TABLE_HEADER.bucketMask)
    .op('i32.and')
    .i32(2)
    .op('i32.shl', 'i32.add')
    .set(link);
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
  emitKeyTest(code, words, 0, entry, next);
  code.get(value).op('i64.eqz').if();
  code.get(link).get(entry).access('i32.load', ENTRY.next).access('i32.store');
  increase(tableAt + TABLE_HEADER.count, -1);
  increase(poolAt + POOL.used, -sizeBytes);
  code
    .i32(0)
    .i32(0)
    .access('i32.store', tableAt + TABLE_HEADER.hint);
  code.get(entry).i32(0).access('i32.store', ENTRY.keyBytes);
  code.get(entry);
  load(headAt).access('i32.store');
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
  load(poolAt + POOL.limit);
  load(poolAt + POOL.used)
    .op('i32.sub')
    .i32(sizeBytes)
    .op('i32.lt_u');
  giveUp();
  load(tableAt + TABLE_HEADER.count);
  load(tableAt + TABLE_HEADER.bucketMask).op('i32.gt_u');
  giveUp();
  load(headAt).tee(entry).if();
  code.i32(0).get(entry).access('i32.load').access('i32.store', headAt).op('else');
  load(poolAt + POOL.slabEnd);
  load(poolAt + POOL.slabAt)
    .tee(entry)
    .op('i32.sub')
    .i32(sizeBytes)
    .op('i32.lt_u');
  giveUp();
  increase(poolAt + POOL.slabAt, sizeBytes);
  code.end();
  increase(poolAt + POOL.used, sizeBytes);
  increase(tableAt + TABLE_HEADER.count, 1);
  code.get(entry).i32(0).access('i32.store', ENTRY.next); // at the end of its chain
  code.get(link).get(entry).access('i32.store');
  emitNewEntry(code, { entry, hash }, words, sizeBytes);
  code
    .get(entry)
    .get(value)
    .access('i64.store', ENTRY.key + words * 8);
  return code.i32(1);
}

/** Hash, sizes and key of an entry that was just taken; the key's words are the function's first parameters. */
function emitNewEntry(
  code: WasmCode,
  { entry, hash }: { readonly entry: number; readonly hash: number },
  words: number,
  sizeBytes: number,
): void {
  code.get(entry).get(hash).access('i32.store', ENTRY.hash);
  code
    .get(entry)
    .i32(words * 8)
    .access('i32.store', ENTRY.keyBytes);
  code.get(entry).i32(sizeBytes).access('i32.store', ENTRY.sizeBytes);
  for (let i = 0; i < words; i++)
    code
      .get(entry)
      .get(i)
      .access('i64.store', ENTRY.key + i * 8);
}

function findTextCode(): WasmCode {
  const [header, key, keyBytes] = [0, 1, 2] as const;
  const code = new WasmCode(3);
  const [hash, at, end, entry] = [code.local('i32'), code.local('i32'), code.local('i32'), code.local('i32')];
  code.get(key).get(keyBytes).op('i32.add').set(end);
  code.get(keyBytes).set(hash).get(key).set(at);
  const hashing = code.loop();
  code.get(hash).get(at).access('i32.load').op('i32.add').i32(HASH.multiplier).op('i32.mul').set(hash);
  code.get(at).i32(4).op('i32.add').tee(at).get(end).op('i32.lt_u').brIf(hashing).end();
  emitMixing(code, hash);
  code.get(header).access('i32.load', TABLE_HEADER.bucketsAt);
  code.get(hash).get(header).access('i32.load', TABLE_HEADER.bucketMask).op('i32.and');
  code.i32(2).op('i32.shl', 'i32.add').access('i32.load').set(entry);
  const again = code.loop();
  code.get(entry).op('i32.eqz').if();
  code.i32(0).op('return').end();
  const next = code.block();
  code.get(entry).access('i32.load', ENTRY.hash).get(hash).op('i32.ne').brIf(next);
  code.get(entry).access('i32.load', ENTRY.keyBytes).get(keyBytes).op('i32.ne').brIf(next);
  code.i32(0).set(at);
  const comparing = code.loop();
  code.get(entry).get(at).op('i32.add').access('i64.load', ENTRY.key);
  code.get(key).get(at).op('i32.add').access('i64.load').op('i64.ne').brIf(next);
  code.get(at).i32(8).op('i32.add').tee(at).get(keyBytes).op('i32.lt_u').brIf(comparing).end();
  code.get(entry).op('return').end();
  code.get(entry).access('i32.load', ENTRY.next).set(entry).br(again).end();
  return code.op('unreachable');
}

/** What lies at offset 0 of linear memory is nobody's, and 0. */
function compareTextCode(): WasmCode {
  const [a, b, most] = [0, 1, 2] as const;
  const code = new WasmCode(3);
  const [left, right] = [code.local('i32'), code.local('i32')];
  const equal = code.block();
  const again = code.loop();
  code.get(most).op('i32.eqz').brIf(equal);
  code.get(a).access('i32.load8_u').tee(left).get(b).access('i32.load8_u').tee(right).op('i32.ne').if();
  code.i32(-1).i32(1).get(left).get(right).op('i32.lt_u', 'select', 'return').end();
  code.get(left).op('i32.eqz').brIf(equal);
  code.get(a).i32(1).op('i32.add').set(a).get(b).i32(1).op('i32.add').set(b);
  code.get(most).i32(1).op('i32.sub').set(most).br(again).end();
  code.end();
  return code.i32(0);
}

function copyTextCode(): WasmCode {
  const [from, to, most] = [0, 1, 2] as const;
  const code = new WasmCode(3);
  const [length, byte] = [code.local('i32'), code.local('i32')];
  const done = code.block();
  code.get(from).op('i32.eqz').brIf(done);
  const again = code.loop();
  code.get(length).get(most).op('i32.ge_u').brIf(done);
  code.get(from).get(length).op('i32.add').access('i32.load8_u').tee(byte).op('i32.eqz').brIf(done);
  code.get(to).get(length).op('i32.add').get(byte).access('i32.store8');
  code.get(length).i32(1).op('i32.add').set(length).br(again).end();
  code.end();
  return code.get(length);
}

/** Of key words in the locals from `first` on. */
function emitHash(code: WasmCode, words: number, first: number, hash: number): void {
  const powers = [1];
  for (let i = 1; i <= words * 2; i++) powers.push(Math.imul(powers[i - 1]!, HASH.multiplier));
  code.i32(Math.imul(words * 8, powers[words * 2]!));
  for (let i = 0; i < words; i++) {
    const word = first + i;
    code
      .get(word)
      .op('i32.wrap_i64')
      .i32(powers[words * 2 - i * 2]!)
      .op('i32.mul', 'i32.add');
    code.get(word).i64(32n).op('i64.shr_u', 'i32.wrap_i64');
    code.i32(powers[words * 2 - i * 2 - 1]!).op('i32.mul', 'i32.add');
  }
  code.set(hash);
  emitMixing(code, hash);
}

function emitMixing(code: WasmCode, hash: number): void {
  const fold = (shift: number) => code.get(hash).get(hash).i32(shift).op('i32.shr_u', 'i32.xor');
  fold(HASH.folds[0]).i32(HASH.mixer).op('i32.mul').set(hash);
  fold(HASH.folds[1]).set(hash);
}
