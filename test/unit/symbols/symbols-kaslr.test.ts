/** Where a kernel was, by what its events interrupted: claimed when it is plain, and only then. */
import { describe, expect, test } from 'vitest';
import { guessSlide } from '../../../src/symbols/kaslr.ts';
import { type SymbolTable, SymbolTableBuilder } from '../../../src/symbols/symbol-table.ts';

const START = 0xffffffff81000000n;
const FUNCTION_BYTES = 0x400;
const FUNCTIONS = 8192; // 8 MiB of text
/** Numbers of the functions whose names tell. */
const TELLING = new Map([
  [17, 'native_safe_halt'],
  [4001, 'copy_user_generic_string'],
  [7003, '__put_user_nocheck_8'],
]);

function kernel(): SymbolTable {
  const builder = new SymbolTableBuilder();
  for (let i = 0; i < FUNCTIONS; i++) {
    const address = addressOf(i);
    const name = TELLING.get(i) ?? `f${i}`;
    builder.add(
      'vmlinux',
      name,
      Number(address >> 32n),
      Number(address & 0xffffffffn),
      FUNCTION_BYTES,
      'function',
      'global',
    );
  }
  return builder.build();
}

function addressOf(number: number): bigint {
  return START + BigInt(number * FUNCTION_BYTES);
}

/** `telling` pcs in functions that tell, `others` all over the text, moved by `slide`. */
function pcsOf(slide: bigint, telling: number, others: number) {
  const tellers = [...TELLING.keys()];
  const pageFaults = Array.from(
    { length: telling },
    (_, i) => addressOf(tellers[i % tellers.length]!) + 3n + slide,
  );
  const interrupts = Array.from({ length: others }, (_, i) => addressOf((i * 2477) % FUNCTIONS) + 8n + slide);
  return { pageFaults, interrupts };
}

const table = kernel();

describe('the slide', () => {
  test.each([0n, 0x20_0000n, 0x1c60_0000n, 0x4000_0000n, -0xe20_0000n])('%d is found', (slide) => {
    expect(guessSlide(pcsOf(slide, 40, 60), table)).toBe(slide);
  });

  test('of no multiple of 2 MiB is none', () => {
    expect(guessSlide(pcsOf(0x10_1000n, 40, 60), table)).toBeUndefined();
  });

  test('of more than a GiB is not looked for', () => {
    expect(guessSlide(pcsOf(0x4020_0000n, 40, 60), table)).toBeUndefined();
  });

  test('is not claimed of few pcs', () => {
    expect(guessSlide(pcsOf(0x20_0000n, 10, 5), table)).toBeUndefined();
    expect(guessSlide({ pageFaults: [], interrupts: [] }, table)).toBeUndefined();
  });

  test('is not claimed of pcs that lie in functions but tell nothing', () => {
    expect(guessSlide(pcsOf(0x20_0000n, 0, 100), table)).toBeUndefined();
  });

  test('is not claimed when many pcs lie elsewhere', () => {
    const pcs = pcsOf(0x20_0000n, 40, 60);
    const strays = Array.from({ length: 20 }, (_, i) => 0xffffffffc0000000n + BigInt(i));
    expect(guessSlide({ ...pcs, interrupts: [...pcs.interrupts, ...strays] }, table)).toBeUndefined();
  });

  test('is not claimed when two fit', () => {
    const twins = new SymbolTableBuilder();
    for (const base of [START, START + 0x20_0000n]) {
      twins.add(
        'vmlinux',
        'copy_user',
        Number(base >> 32n),
        Number(base & 0xffffffffn),
        0x1000,
        'function',
        'global',
      );
    }
    const pageFaults = Array.from({ length: 40 }, () => START + 0x1000_0000n);
    expect(guessSlide({ pageFaults, interrupts: [] }, twins.build())).toBeUndefined();
  });
});
