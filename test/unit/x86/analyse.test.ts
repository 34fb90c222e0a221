/** Returns, tail calls, markers and results in code that gcc 12.2 made; the source stands above each. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { CodeReader } from '../../../src/machine/sites.ts';
import {
  analyseFunction,
  type FunctionBounds,
  type FunctionCode,
  markerAddress,
  pageOf,
  reachedWithinPage,
  resultSites,
  returnThunks,
} from '../../../src/x86/analyse.ts';
import { openDecoder } from '../../../src/x86/decode.ts';

const decoder = await openDecoder(64);
const decoder32 = await openDecoder(32);

/** Code at an address, and nothing elsewhere. */
function codeAt(start: bigint, hex: string): CodeReader & { readonly bounds: FunctionBounds } {
  const bytes = Buffer.from(hex.replaceAll(/\s/g, ''), 'hex');
  const end = start + BigInt(bytes.length);
  return {
    bounds: { start, end },
    readCode: (address, size) =>
      address < start || address >= end
        ? undefined
        : bytes.subarray(Number(address - start), Number(address - start) + size),
  };
}

function analyse(start: bigint, hex: string, thunks: readonly bigint[] = []): FunctionCode {
  const code = codeAt(start, hex);
  return analyseFunction(decoder, code, code.bounds, { returnThunks: new Set(thunks) });
}

const offsets = ({ returns }: FunctionCode): number[] => returns.map(({ offset }) => offset);

// gcc -O2 -fcf-protection=full -fno-pic -fno-asynchronous-unwind-tables, linked at 0x401000; g is at 0x401119
describe('functions', () => {
  // int f_many(int x, int *p) { if (!p) return -22; if (x < 0) { *p = 0; return g(x) + 1; } *p = x; return 0; }
  const F_MANY = `f30f1efa 4885f6 7426 85ff 780b 893e 31c0 c3 660f1f440000 4883ec08 c70600000000 e8e2000000
    4883c408 83c001 c3 b8eaffffff c3 662e0f1f840000000000 90`;

  test('with several returns', () => {
    const found = analyse(0x401010n, F_MANY);
    expect(found.returns).toEqual([
      { address: 0x401021n, offset: 0x11 },
      { address: 0x40103en, offset: 0x2e },
      { address: 0x401044n, offset: 0x34 },
    ]);
    expect(found).toMatchObject({ tailCalls: [], conditionalReturns: [], complete: true });
  });

  // int f_tail(int x) { return g(x + 1); }
  test('that return by a tail call', () => {
    const found = analyse(0x401050n, 'f30f1efa 83c701 e9bd000000 0f1f4000');
    expect(found).toEqual({ returns: [], conditionalReturns: [], tailCalls: [0x401119n], complete: true });
  });

  // extern void die(void) __attribute__((noreturn)); int f_noreturn(int x) { if (x == 3) die(); return x * 5; }
  test('that end in a call which does not return', () => {
    const found = analyse(
      0x401060n,
      'f30f1efa 83ff03 7404 8d04bf c3 50 e8a7000000 662e0f1f840000000000 0f1f00',
    );
    expect(offsets(found)).toEqual([0xc]);
    expect(found.tailCalls).toEqual([]);
  });

  // int f_switch(int x) { switch (x) { case 0: return g(3); case 1: return g(5) + 1; case 2: return g(6) * 2;
  //   case 3: return 11; case 4: return g(1) - 4; case 5: return g(0) ^ 1; } return -1; }
  test('with a jump table and a cold part', () => {
    const found = analyse(
      0x401080n,
      `f30f1efa 4883ec08 83ff05 0f876fffffff 89ff 3eff24fd00204000 0f1f440000 b80b000000 4883c408 c3 660f1f440000
       bf01000000 e85f000000 4883c408 83e804 c3 660f1f440000 31ff e84a000000 4883c408 83f001 c3 660f1f840000000000
       bf03000000 4883c408 e92b000000 6690 bf05000000 e81f000000 4883c408 83c001 c3 660f1f440000
       bf06000000 e807000000 4883c408 01c0 c3`,
    );
    expect(offsets(found)).toEqual([0x29, 0x41, 0x56, 0x81, 0x98]);
    expect(found.tailCalls).toEqual([0x401000n, 0x401119n]); // f_switch.cold, g
    const cold = analyse(0x401000n, '83c8ff e99d000000 0f1f840000000000');
    expect(cold).toEqual({ returns: [], conditionalReturns: [], tailCalls: [0x4010a5n], complete: true });
  });

  // f_many again, with -mfunction-return=thunk-extern; __x86_return_thunk is at 0x401137
  const THUNKED = `4885f6 742e 85ff 780f 893e 31c0 e915010000 660f1f440000 4883ec08 c70600000000 e8fe000000
    4883c408 83c001 e9f4000000 b8eaffffff e9ea000000 0f1f00`;

  test('that return by a thunk', () => {
    const found = analyse(0x401010n, THUNKED, [0x401137n]);
    expect(offsets(found)).toEqual([0xd, 0x2e, 0x38]);
    expect(found.tailCalls).toEqual([]);
    // Who does not know the thunk takes it for a function like any other.
    expect(analyse(0x401010n, THUNKED)).toMatchObject({ returns: [], tailCalls: [0x401137n] });
  });

  test('that return by a thunk on a condition', () => {
    const found = analyse(0x1000n, '85ff 0f85f80f0000 c3', [0x2000n]); // test %edi,%edi; jne 0x2000; ret
    expect(found).toMatchObject({ conditionalReturns: [0x1002n], tailCalls: [] });
    expect(offsets(found)).toEqual([8]);
  });

  // __attribute__((stdcall)) int f_std(int a, int *b) { if (!b) return -1; *b = a; return a + 1; }   with -m32
  test('of 32 bits, with RET imm16', () => {
    const code = codeAt(0x1000n, '8b542408 8b442404 85d2 7408 8902 83c001 c20800 b8ffffffff ebf6');
    const found = analyseFunction(decoder32, code, code.bounds, { returnThunks: new Set() });
    expect(offsets(found)).toEqual([0x11]);
    expect(found).toMatchObject({ tailCalls: [], complete: true });
  });

  test('whose code is not all there, or holds no instruction', () => {
    expect(analyse(0x1000n, 'c3 06 90').complete).toBe(false);
    const code = codeAt(0x1000n, 'c3');
    const style = { returnThunks: new Set<bigint>() };
    const cut = analyseFunction(decoder, code, { start: 0x1000n, end: 0x1002n }, style);
    expect(cut).toMatchObject({ complete: false, returns: [{ address: 0x1000n, offset: 0 }] });
    const nothing = { returns: [], conditionalReturns: [], tailCalls: [], complete: false };
    for (const [start, end] of [
      [0x5000n, 0x5010n] as const,
      [0x1000n, 0x1000n] as const,
      [0x1001n, 0x1000n] as const,
    ]) {
      expect(analyseFunction(decoder, code, { start, end }, style)).toEqual(nothing);
    }
    const endless = { start: 0x1000n, end: 0xffff_ffff_ffff_ffffn };
    expect(analyseFunction(decoder, code, endless, style)).toEqual(nothing);
  });
});

test('return thunks are found by name', () => {
  const symbols: Readonly<Record<string, bigint>> = {
    __x86_return_thunk: 1n,
    srso_return_thunk: 2n,
    its_return_thunk: 3n,
    __x86_indirect_thunk_rax: 4n,
    __ksymtab___x86_return_thunk: 5n,
  };
  const found = returnThunks((name) => (name in symbols ? [{ address: symbols[name]! }] : []));
  expect([...found]).toEqual([1n, 2n, 3n]);
});

describe('places reached from their own page', () => {
  const reached = (start: bigint, hex: string, target: bigint): boolean => {
    const code = codeAt(start, hex);
    return reachedWithinPage(decoder, code, [code.bounds], target);
  };

  test.each([
    ['a call', 'e803000000 c3 0f0b 90', 0x1008n],
    ['a jump', 'eb01 06 90', 0x1003n],
    ['a conditional jump', '7401 c3 90', 0x1003n],
    ['the instruction before', '89c0 c3', 0x1002n],
    ['a conditional jump not taken', '7401 c3', 0x1002n],
  ])('by %s', (_, hex, target) => {
    expect(reached(0x1000n, hex, target)).toBe(true);
  });

  test.each([
    ['a return', 'c3 c3', 0x1001n],
    ['a return and filler', 'c3 0f1f00 90 c3', 0x1005n],
    ['a call, whose return is looked up', 'e8fb0f0000 c3', 0x1005n],
    ['a call that may not return, and filler', 'e8fb0f0000 0f1f00 c3', 0x1008n],
    ['a jump elsewhere', 'e9fb0f0000 c3', 0x1005n],
    ['an indirect jump', 'ffe0 c3', 0x1002n],
    ['UD2', '0f0b c3', 0x1002n],
  ])('not by %s', (_, hex, target) => {
    expect(reached(0x1000n, hex, target)).toBe(false);
  });

  test('filler that runs leads on', () => {
    expect(reached(0x1000n, '89c0 90 c3', 0x1003n)).toBe(true);
  });

  test('jumps from other pages are looked up', () => {
    const code = `eb1e ${'cc'.repeat(30)} c3`;
    expect(reached(0x1000n, code, 0x1020n)).toBe(true);
    expect(reached(0xff0n, code, 0x1010n)).toBe(false);
  });
});

describe('markers', () => {
  const marker = (start: bigint, hex: string, page = pageOf(start)): bigint | undefined => {
    const code = codeAt(start, hex);
    return markerAddress(decoder, code, [code.bounds], page);
  };

  test('are the last byte of a plain long instruction', () => {
    expect(marker(0x1000n, '90 48c7c700100081 c3')).toBe(0x1007n);
  });

  test('keep off short instructions and those that kernels patch', () => {
    expect(marker(0x1000n, '4889e5 5d c3')).toBeUndefined();
    expect(marker(0x1000n, 'e800000000 ff1500000000 0f1f440000 e900000000 65488b0580fb0100')).toBeUndefined();
  });

  test('lie in the page, though an instruction may begin before it or end behind it', () => {
    expect(marker(0xffen, '48c7c700100081', 0x1000n)).toBe(0x1004n);
    expect(marker(0xffen, '48c7c700100081', 0x0n)).toBeUndefined();
  });

  test('need code', () => {
    expect(
      markerAddress(decoder, { readCode: () => undefined }, [{ start: 0n, end: 99n }], 0n),
    ).toBeUndefined();
    expect(markerAddress(decoder, codeAt(0n, '48c7c700100081'), [], 0n)).toBeUndefined();
  });
});

describe('results of system calls', () => {
  const results = (hex: string, bits: 32 | 64 = 64): bigint[] => {
    const code = codeAt(0x1000n, hex);
    return resultSites(bits === 64 ? decoder : decoder32, code, code.bounds);
  };

  // Of do_syscall_64 in Debian's 6.1: call x64_sys_call; mov %rax,0x50(%rbx); mov %rbx,%rdi; call …; and the same for x32
  test('are behind the call that is stored in pt_regs', () => {
    expect(results('e803f55bff 48894350 4889df e8374a0000')).toEqual([0x1005n]);
    expect(results('e803f55bff 48894350 eb0a e888325cff 48894350 c3')).toEqual([0x1005n, 0x1010n]);
  });

  // struct regs { long bx, cx, dx, si, di, bp, ax; };
  // void f(struct regs *r) { r->ax = ksys(r, r->ax); ksys(r, 1); }     with -m32 -mregparm=3
  test('are found in 32-bit code, and with another instruction between', () => {
    const code = '53 89c3 83ec08 8b5018 e8fcffffff ba01000000 894318 83c408 89d8 5b e9fcffffff';
    expect(results(code, 32)).toEqual([0x100en]);
  });

  test('are no values that something else made', () => {
    expect(results('e800000000 48c7c0daffffff 48894350')).toEqual([]); // mov $-ENOSYS,%rax
    expect(results('e800000000 7400 48894350')).toEqual([]); // reached by a jump as well, perhaps
    expect(results('48894350')).toEqual([]);
    expect(results('e800000000 48894358')).toEqual([]);
  });

  test('need code', () => {
    const nothing = { readCode: () => undefined };
    expect(resultSites(decoder, nothing, { start: 0n, end: 1n << 60n })).toEqual([]);
  });
});

test('any bytes have an answer', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 200 }),
      fc.bigInt({ min: 0n, max: 0xffff_ffff_ffff_ff00n }),
      (raw, start) => {
        const hex = Buffer.from(raw).toString('hex');
        const code = codeAt(start, hex);
        const found = analyseFunction(decoder, code, code.bounds, { returnThunks: new Set() });
        for (const { address, offset } of found.returns) {
          expect(address).toBe(start + BigInt(offset));
          expect(address < code.bounds.end).toBe(true);
        }
        const page = pageOf(start);
        const marker = markerAddress(decoder, code, [code.bounds], page);
        if (marker !== undefined) expect(pageOf(marker)).toBe(page);
        reachedWithinPage(decoder, code, [code.bounds], start + 10n);
        resultSites(decoder, code, code.bounds);
      },
    ),
    { seed: 4, numRuns: 300 },
  );
});
