/**
 * Finding entries of keyed tables (keyed-table.ts has the layout and the hash) from generated code: a function per number
 * of key words, (header, word, …) → entry or 0, with the words in parameters and not in memory.
 *
 * The hash is that of the table with its chain of multiplications opened up: hash(w₁ … wₙ) before mixing is
 * keyBytes·Cⁿ + Σ wᵢ·Cⁿ⁻ⁱ⁺¹, whose terms do not wait for each other.
 */
import { WasmCode, type WasmModule } from '../../base/wasm-encode.ts';
import { ENTRY, HASH, TABLE_HEADER } from '../keyed-table.ts';
import type { LookUps } from './emitter.ts';

export class ModuleLookUps implements LookUps {
  private readonly module: WasmModule;
  private readonly byWords = new Map<number, number>();

  constructor(module: WasmModule) {
    this.module = module;
  }

  of(words: number): number {
    const known = this.byWords.get(words);
    if (known !== undefined) return known;
    const takes = ['i32', ...new Array<'i64'>(words).fill('i64')] as const;
    const index = this.module.addFunction({ takes, gives: ['i32'] }, lookUpCode(words));
    this.byWords.set(words, index);
    return index;
  }
}

function lookUpCode(words: number): WasmCode {
  const header = 0;
  const code = new WasmCode(1 + words);
  const hash = code.local('i32');
  const entry = code.local('i32');
  emitHash(code, words, hash);
  // The bucket's first entry: bucketsAt + (hash & mask) * 4.
  code.get(header).access('i32.load', TABLE_HEADER.bucketsAt);
  code.get(hash).get(header).access('i32.load', TABLE_HEADER.bucketMask).op('i32.and');
  code.i32(2).op('i32.shl', 'i32.add').access('i32.load').set(entry);
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
  for (let i = 0; i < words; i++) {
    code
      .get(entry)
      .access('i64.load', ENTRY.key + i * 8)
      .get(1 + i)
      .op('i64.ne')
      .brIf(next);
  }
  code.get(entry).op('return').end();
  code.get(entry).access('i32.load', ENTRY.next).set(entry).br(again).end();
  return code.op('unreachable');
}

function emitHash(code: WasmCode, words: number, hash: number): void {
  const powers = [1];
  for (let i = 1; i <= words * 2; i++) powers.push(Math.imul(powers[i - 1]!, HASH.multiplier));
  code.i32(Math.imul(words * 8, powers[words * 2]!));
  for (let i = 0; i < words; i++) {
    const parameter = 1 + i;
    code
      .get(parameter)
      .op('i32.wrap_i64')
      .i32(powers[words * 2 - i * 2]!)
      .op('i32.mul', 'i32.add');
    code.get(parameter).i64(32n).op('i64.shr_u', 'i32.wrap_i64');
    code.i32(powers[words * 2 - i * 2 - 1]!).op('i32.mul', 'i32.add');
  }
  code.set(hash);
  const fold = (shift: number): void => {
    code.get(hash).get(hash).i32(shift).op('i32.shr_u', 'i32.xor');
  };
  fold(16);
  code.i32(HASH.mixers[0]).op('i32.mul').set(hash);
  fold(13);
  code.i32(HASH.mixers[1]).op('i32.mul').set(hash);
  fold(16);
  code.set(hash);
}
