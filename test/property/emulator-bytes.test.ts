/**
 * Whatever bytes a guest executes, the core either executes them or raises one of the guest's own exceptions: it never throws,
 * never loops within one instruction, and never leaves registers that are no 32-bit halves.
 */
import { expect, test } from 'vitest';
import { Random } from '../../src/emulator/random.ts';
import type { Cpu } from '../../src/x86/cpu.ts';
import { GENERAL, type X86Lab, x86Lab } from '../support/x86-lab.ts';

const RUNS = process.env['LONG'] ? 20_000 : 1_500;
const CODE = 0x10000;
const CODE_BYTES = 64;
const INSTRUCTIONS = 200;

/** Opcodes that random bytes seldom make: two-byte ones and prefixes are as likely as all others. */
function code(random: Random): Uint8Array {
  const bytes = Uint8Array.from({ length: CODE_BYTES }, () => random.below(256));
  for (let at = 0; at < CODE_BYTES; at += 1 + random.below(6)) {
    bytes[at] = [0x0f, 0x48, 0x66, 0x67, 0xf0, 0xf3, 0x65, 0xff, 0xcc][random.below(9)]!;
  }
  return bytes;
}

function value(random: Random): bigint {
  const kind = random.below(3);
  if (kind === 0) return BigInt(random.below(0x200000)); // a mapped address
  const bits = (BigInt(random.below(2 ** 31)) << 33n) ^ BigInt(random.below(2 ** 31));
  return kind === 1 ? BigInt.asUintN(64, bits) : BigInt(random.below(16));
}

function prepare(lab: X86Lab, random: Random): void {
  lab.write(CODE, code(random));
  lab.set({
    ...Object.fromEntries(GENERAL.map((name) => [name, value(random)])),
    rsp: BigInt(0x40000 + random.below(64)),
    rip: BigInt(CODE),
    rflags: 2n,
  });
}

test(`${RUNS} pieces of random code`, { timeout: RUNS * 100 }, async () => {
  const lab = await x86Lab();
  const pageTables = lab.read(0x2000, 0x3000);
  const clean = { cr0: lab.cpu.cr0, cr4: lab.cpu.cr4, efer: lab.cpu.efer };
  for (let seed = 1; seed <= RUNS; seed++) {
    const random = new Random(seed);
    restore(lab, pageTables, clean);
    prepare(lab, random);
    try {
      lab.machine.run(INSTRUCTIONS);
    } catch (error) {
      throw new Error(`seed ${seed} at ${lab.get('rip').toString(16)}`, { cause: error });
    }
    expect(lab.vcpu.executed, `seed ${seed}`).toBeLessThan(seed * (INSTRUCTIONS + 300));
  }
  expect(lab.vcpu.executed).toBeGreaterThan(3 * RUNS); // they do not all fault at once
});

/** What code of level 0 may have done to the ground it stands on. */
function restore(lab: X86Lab, pageTables: Uint8Array, clean: Pick<Cpu, 'cr0' | 'cr4' | 'efer'>): void {
  const { cpu, machine } = lab;
  machine.end = undefined;
  machine.stop();
  Object.assign(cpu, clean, {
    cr3Low: 0x2000,
    cr3High: 0,
    cpl: 0,
    bitness: 64,
    halted: false,
    shadow: false,
  });
  cpu.segments[1]!.access = 0xa09b00;
  lab.write(0x2000, pageTables);
  lab.vcpu.waitsForStart = false;
  cpu.hooks.privilegeChanged();
  cpu.hooks.pagingChanged();
}
