/**
 * Guests that write over probed code, on the execution core: each ends as it would without probes, and the site says why it is gone.
 */
import { beforeAll, describe, expect, test } from 'vitest';
import { REGISTERS } from '../../../src/machine/registers.ts';
import { Patcher } from '../../../src/patch/patcher.ts';
import { type DisplacedReader, openDisplacedReader } from '../../../src/x86/displaced.ts';
import { openTranslator, type Translator } from '../../../src/x86/translate.ts';
import { CoreMachine, LAYOUT } from '../../support/core-machine.ts';
import { Assembler, handlers } from '../../support/random-kernel.ts';

let translator: Translator;
let reader: DisplacedReader;
beforeAll(async () => {
  translator = await openTranslator();
  reader = await openDisplacedReader();
});

/** mov byte [address], value */
const poke = (address: number, value: number): number[] => [
  ...[0xc6, 0x04, 0x25, address & 0xff, (address >> 8) & 0xff, 0, 0, value],
];
const POKE_BYTES = 8;
/** mov eax, 0x11; add ebx, eax */
const VICTIM = [0xb8, 0x11, 0, 0, 0];
const AFTER = [0x01, 0xc3];

interface Outcome {
  readonly rax: bigint;
  readonly rbx: bigint;
  readonly code: string;
  readonly breakpoints: bigint; // what the guest's own #BP handler has added up
}

/** The victim runs, is written over, and runs again. `prefer` undefined: no probe. */
function run(writes: (victim: number) => number[][], prefer?: 'emulated' | 'stepped') {
  const code = new Assembler(LAYOUT.code);
  const victim = LAYOUT.code + 2 + 6; // behind the first two instructions
  code.emit(0x31, 0xdb); // xor ebx, ebx
  code.emit(0xbd, 2, 0, 0, 0); // mov ebp, 2
  code.emit(0x90);
  expect(code.here).toBe(victim);
  code.emit(...VICTIM);
  code.emit(...AFTER);
  const pokes = writes(victim);
  for (const bytes of pokes) code.emit(...bytes);
  code.emit(0xff, 0xcd); // dec ebp
  const back = victim - (code.here + 2);
  code.emit(0x75, back & 0xff); // jne victim
  const end = code.here;
  code.emit(0xeb, 0xfe);
  const machine = new CoreMachine(translator, 1);
  for (const part of [code, ...handlers()]) machine.load(part.base, part.finish());
  machine.stopAt = end;
  machine.set(0, REGISTERS.rip.id, BigInt(LAYOUT.code));
  machine.set(0, REGISTERS.r15.id, BigInt(LAYOUT.data));
  let fired = 0;
  const patcher = new Patcher(machine, reader, {
    fire: () => {
      fired++;
      return 'fired';
    },
    ...(prefer && { prefer }),
  });
  machine.client = patcher;
  const site = prefer && patcher.set({ address: BigInt(victim), probe: 'p', place: 'instruction' });
  machine.run(() => 0.5, { interrupts: 0, nmis: 0 });
  patcher.removeAll();
  const outcome: Outcome = {
    rax: machine.readRegister(0, REGISTERS.rax.id),
    rbx: machine.readRegister(0, REGISTERS.rbx.id),
    code: Buffer.from(machine.bytes.subarray(victim, end)).toString('hex'),
    breakpoints: new DataView(machine.bytes.buffer).getBigUint64(LAYOUT.data + 0x3e0, true),
  };
  return { outcome, fired, site };
}

describe.each(['emulated', 'stepped'] as const)('%s', (prefer) => {
  test.each([
    ['the first byte (mov eax → mov edx)', (at: number) => [poke(at, 0xba)]],
    ['a byte of the operand', (at: number) => [poke(at + 2, 0x22)]],
    ['the whole instruction, byte by byte', (at: number) => [0, 1, 2, 3, 4].map((n) => poke(at + n, 0x90))],
    ['the last byte', (at: number) => [poke(at + 4, 0x7f)]],
  ])('%s', (_, writes) => {
    const { outcome, fired, site } = run(writes, prefer);
    expect(outcome).toEqual(run(writes).outcome);
    expect(fired).toBe(1);
    expect(site).toMatchObject({ state: 'removed', why: 'the guest wrote over its instruction' });
  });

  test('its own INT3 at the site: the trap is the guest’s', () => {
    // The byte behind the INT3 is entered next, so the operand is made of NOPs too.
    const writes = (at: number) => [poke(at, 0xcc), ...[1, 2, 3, 4].map((n) => poke(at + n, 0x90))];
    const { outcome, fired, site } = run(writes, prefer);
    expect(outcome).toEqual(run(writes).outcome);
    expect(outcome.breakpoints).not.toBe(0n);
    expect([fired, site!.why]).toEqual([1, 'the guest set its own INT3']);
  });

  test('the same byte that it has: the guest’s byte stands, the site is gone', () => {
    const writes = (at: number) => [poke(at, VICTIM[0]!)];
    const { outcome, fired } = run(writes, prefer);
    expect(outcome).toEqual(run(writes).outcome);
    expect(fired).toBe(1);
  });

  test('writes beside it do not touch it', () => {
    const writes = (at: number) => [poke(at - 1, 0x90), poke(at + 5 + AFTER.length + 2 * POKE_BYTES, 0xff)];
    const { outcome, fired, site } = run(writes, prefer);
    expect(outcome).toEqual(run(writes).outcome);
    expect([fired, site!.why]).toEqual([2, 'removed']);
  });
});
