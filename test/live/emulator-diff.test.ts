/**
 * The execution core against QEMU, instruction by instruction.
 *
 * Random instruction streams run on both: on ours by single steps, in QEMU (TCG) by single steps through gdbstub, in a guest
 * whose memory we write. After each instruction all general registers, rip, all flags and the memory that the stream may
 * touch must be equal, undefined flags included: the core follows QEMU there. LONG=1 does 100,000 instructions and more.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { GdbClient } from '../../src/gdb/client.ts';
import { openDecoder } from '../../src/x86/decode.ts';
import { describeLive, type Guest, startQemu } from '../support/qemu.ts';
import { LOOP, TINY_GUEST } from '../support/tiny-guest.ts';
import { PATIENCE_MS } from '../support/waiting.ts';
import { DATA, DATA_BYTES, Generator, INDEX_LIMIT } from '../support/x86-generator.ts';
import { GENERAL, type RegisterValues, type X86Lab, x86Lab } from '../support/x86-lab.ts';

const CODE = 0x180000;
const STACK = 0x1a0000;
const STACK_BYTES = 256;
const STREAM = 40; // items
const WANTED = process.env['LONG'] ? 110_000 : 5_000;
const SEED = Number(process.env['SEED'] ?? 1);
/** Enough to see what is wrong. */
const MOST_MISMATCHES = 20;
/** RF: QEMU sets it while single-stepping past a breakpoint. */
const COMPARED_FLAGS = ~0x10000n;

describeLive('instructions', () => {
  let guest: Guest;
  let gdb: GdbClient;
  let lab: X86Lab;

  beforeAll(async () => {
    guest = await startQemu((dir) => {
      writeFileSync(join(dir, 'guest.bin'), TINY_GUEST);
      return ['-accel', 'tcg', '-m', '16M', '-kernel', join(dir, 'guest.bin'), '-S'];
    });
    gdb = await GdbClient.connect(guest.gdb, { timeoutMs: PATIENCE_MS });
    await gdb.setBreakpoint('hardware', LOOP);
    gdb.continue();
    await gdb.waitForStop();
    await gdb.removeBreakpoint('hardware', LOOP);
    lab = await x86Lab();
    await takeOverSystemState();
  });
  afterAll(async () => {
    await gdb?.close();
    await guest?.stop();
  });

  test(
    `${WANTED} of them leave what QEMU leaves`,
    async () => {
      const mismatches: string[] = [];
      let compared = 0;
      for (let seed = SEED; compared < WANTED && mismatches.length < MOST_MISMATCHES; seed++) {
        compared += await runStream(seed, mismatches);
      }
      expect(mismatches).toEqual([]);
      expect(compared).toBeGreaterThanOrEqual(WANTED);
    },
    WANTED * 80,
  );

  /** What instructions can read of the system is the tiny guest's. */
  async function takeOverSystemState(): Promise<void> {
    const view = await gdb.readRegisters(0);
    const low = (name: string): number => Number(BigInt.asIntN(32, view.get(name)!));
    const { cpu } = lab;
    for (const [i, name] of ['es', 'cs', 'ss', 'ds', 'fs', 'gs'].entries())
      cpu.segments[i]!.selector = low(name);
    cpu.cr0 = low('cr0');
    cpu.cr4 = low('cr4');
  }

  /** Runs one stream; the number of instructions compared. */
  async function runStream(seed: number, mismatches: string[]): Promise<number> {
    const generator = new Generator(seed);
    const registers = randomRegisters(generator);
    const data = Uint8Array.from(generator.bytes(DATA_BYTES));
    const stack = Uint8Array.from(generator.bytes(STACK_BYTES));
    const code = Buffer.concat(Array.from({ length: STREAM }, () => generator.next()));
    load(registers, code, data, stack);
    await Promise.all([
      gdb.writeRegisters(0, registers),
      gdb.writeMemory(BigInt(CODE), code),
      gdb.writeMemory(BigInt(DATA), data),
      gdb.writeMemory(BigInt(STACK), stack),
    ]);
    let count = 0;
    while (lab.get('rip') < BigInt(CODE + code.length)) {
      const before = lab.all();
      if (lab.step() !== undefined) {
        // A fault (a division): the guest has no handlers, so the stream ends before QEMU meets it.
        return count;
      }
      await gdb.step(0);
      count++;
      let difference = await compare();
      if (difference.length > 0 && (await stoodStill(before))) {
        await gdb.step(0);
        difference = await compare();
      }
      if (difference.length === 0) continue;
      mismatches.push(await describe(seed, before, difference));
      return count;
    }
    return count;
  }

  /** One step in ten thousand ends before the instruction, when something kicks QEMU's CPU at that moment. */
  async function stoodStill(before: RegisterValues): Promise<boolean> {
    const view = await gdb.readRegisters(0);
    return Object.entries(before).every(([name, value]) => name === 'rflags' || view.get(name) === value);
  }

  function load(registers: RegisterValues, code: Uint8Array, data: Uint8Array, stack: Uint8Array): void {
    lab.write(CODE, code);
    lab.write(DATA, data);
    lab.write(STACK, stack);
    lab.set(registers);
  }

  async function compare(): Promise<string[]> {
    const [view, data, stack] = await Promise.all([
      gdb.readRegisters(0),
      gdb.readMemory(BigInt(DATA), DATA_BYTES),
      gdb.readMemory(BigInt(STACK), STACK_BYTES),
    ]);
    const ours = lab.all();
    const differences: string[] = [];
    for (const [name, value] of Object.entries(ours)) {
      const mask = name === 'rflags' ? COMPARED_FLAGS : -1n;
      const theirs = view.get(name)!;
      if ((theirs & mask) !== (value & mask))
        differences.push(`${name} is 0x${value.toString(16)}, QEMU has 0x${theirs.toString(16)}`);
    }
    if (!Buffer.from(data).equals(lab.read(DATA, DATA_BYTES))) differences.push('data differ');
    if (!Buffer.from(stack).equals(lab.read(STACK, STACK_BYTES))) differences.push('the stack differs');
    return differences;
  }

  async function describe(
    seed: number,
    before: Record<string, bigint>,
    differences: readonly string[],
  ): Promise<string> {
    const decoder = await openDecoder();
    const at = Number(before['rip']);
    const text = decoder.text(lab.read(at, 15), BigInt(at));
    const was = Object.entries(before).map(([name, value]) => `${name}=${value.toString(16)}`);
    return `seed ${seed}: ${text}: ${differences.join('; ')} (before: ${was.join(' ')})`;
  }
});

function randomRegisters(generator: Generator): RegisterValues {
  const values: Record<string, bigint> = Object.fromEntries(GENERAL.map((name) => [name, generator.value()]));
  const flags = generator.below(0x1000) & 0x8d5;
  return {
    ...values,
    rsp: BigInt(STACK + STACK_BYTES - 64),
    r14: BigInt(generator.below(INDEX_LIMIT)),
    r15: BigInt(DATA),
    rip: BigInt(CODE),
    rflags: BigInt(flags | 2),
  };
}
