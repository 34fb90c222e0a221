/**
 * Pieces of code that work on entries of keyed tables (keyed-table.ts has the layout and the hash): what look-up.ts puts
 * together, and what a clause has in it.
 *
 * The hash is that of the table with its chain of multiplications opened up: hash(w₁ … wₙ) before mixing is
 * keyBytes·Cⁿ + Σ wᵢ·Cⁿ⁻ⁱ⁺¹, whose terms do not wait for each other.
 */
import type { WasmCode, WasmLabel } from '../../base/wasm-encode.ts';
import { headOf, POOL } from '../chunk-pool.ts';
import { ENTRY, HASH, TABLE_HEADER } from '../keyed-table.ts';

const NONE: ReadonlySet<number> = new Set();

/** The hash of the key words in those locals; of words in `short` the upper half is 0. */
export function emitHash(
  code: WasmCode,
  keyWords: readonly number[],
  hash: number,
  short: ReadonlySet<number> = NONE,
): void {
  const words = keyWords.length;
  const powers = [1];
  for (let i = 1; i <= words * 2; i++) powers.push(Math.imul(powers[i - 1]!, HASH.multiplier));
  code.i32(Math.imul(words * 8, powers[words * 2]!));
  for (const [i, word] of keyWords.entries()) {
    code
      .get(word)
      .op('i32.wrap_i64')
      .i32(powers[words * 2 - i * 2]!)
      .op('i32.mul', 'i32.add');
    if (short.has(word)) continue;
    code.get(word).i64(32n).op('i64.shr_u', 'i32.wrap_i64');
    code.i32(powers[words * 2 - i * 2 - 1]!).op('i32.mul', 'i32.add');
  }
  code.set(hash);
  emitMixing(code, hash);
}

export function emitMixing(code: WasmCode, hash: number): void {
  const fold = (shift: number) => code.get(hash).get(hash).i32(shift).op('i32.shr_u', 'i32.xor');
  fold(HASH.folds[0]).i32(HASH.mixer).op('i32.mul').set(hash);
  fold(HASH.folds[1]).set(hash);
}

/** Push where the bucket for a hash lies, of the table whose header is that far from what `header` pushes. */
export function pushBucket(code: WasmCode, header: () => void, headerAt: number, hash: number): void {
  header();
  code.access('i32.load', headerAt + TABLE_HEADER.bucketsAt).get(hash);
  header();
  code
    .access('i32.load', headerAt + TABLE_HEADER.bucketMask)
    .op('i32.and')
    .i32(2)
    .op('i32.shl', 'i32.add');
}

/** Branch when the entry's key is another. */
export function emitKeyTest(
  code: WasmCode,
  keyWords: readonly number[],
  entry: number,
  other: WasmLabel,
): void {
  for (const [i, word] of keyWords.entries()) {
    code
      .get(entry)
      .access('i64.load', ENTRY.key + i * 8)
      .get(word)
      .op('i64.ne')
      .brIf(other);
  }
}

/** Push whether the entry's key is another, without a branch for each of its words. */
export function pushDiffers(code: WasmCode, keyWords: readonly number[], entry: number): void {
  const load = (i: number) =>
    code
      .get(entry)
      .access('i64.load', ENTRY.key + i * 8)
      .get(keyWords[i]!);
  if (keyWords.length === 1) {
    load(0).op('i64.ne');
    return;
  }
  for (let i = 0; i < keyWords.length; i++) {
    load(i).op('i64.xor');
    if (i > 0) code.op('i64.or');
  }
  code.op('i64.eqz', 'i32.eqz');
}

export function load32(code: WasmCode, at: number): WasmCode {
  return code.i32(0).access('i32.load', at);
}

export function increase32(code: WasmCode, at: number, by: number): void {
  code.i32(0);
  load32(code, at).i32(by).op('i32.add').access('i32.store', at);
}

/**
 * Take a chunk for a new entry of the table: leaves its offset in `entry`, and has counted it. `giveUp` is emitted where the
 * i32 on the stack says that TypeScript must do it: the limit is reached, the slab used up, buckets are to be added.
 */
export function emitTakeChunk(
  code: WasmCode,
  { tableAt, poolAt }: { readonly tableAt: number; readonly poolAt: number },
  sizeBytes: number,
  entry: number,
  giveUp: () => void,
): void {
  const headAt = poolAt + headOf(sizeBytes);
  load32(code, poolAt + POOL.limit);
  load32(code, poolAt + POOL.used)
    .op('i32.sub')
    .i32(sizeBytes)
    .op('i32.lt_u');
  giveUp();
  load32(code, tableAt + TABLE_HEADER.count);
  load32(code, tableAt + TABLE_HEADER.growBeyond).op('i32.ge_u');
  giveUp();
  load32(code, headAt).tee(entry).if();
  code.i32(0).get(entry).access('i32.load').access('i32.store', headAt).op('else');
  load32(code, poolAt + POOL.slabEnd);
  load32(code, poolAt + POOL.slabAt)
    .tee(entry)
    .op('i32.sub')
    .i32(sizeBytes)
    .op('i32.lt_u');
  giveUp();
  increase32(code, poolAt + POOL.slabAt, sizeBytes);
  code.end();
  increase32(code, poolAt + POOL.used, sizeBytes);
  increase32(code, tableAt + TABLE_HEADER.count, 1);
}

/** Hash, sizes and key of an entry that was just taken. */
export function emitNewEntry(
  code: WasmCode,
  { entry, hash }: { readonly entry: number; readonly hash: number },
  keyWords: readonly number[],
  sizeBytes: number,
): void {
  code.get(entry).get(hash).access('i32.store', ENTRY.hash);
  code
    .get(entry)
    .i32(keyWords.length * 8)
    .access('i32.store', ENTRY.keyBytes);
  code.get(entry).i32(sizeBytes).access('i32.store', ENTRY.sizeBytes);
  for (const [i, word] of keyWords.entries())
    code
      .get(entry)
      .get(word)
      .access('i64.store', ENTRY.key + i * 8);
}
