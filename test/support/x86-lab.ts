/**
 * The execution core on a bench: one CPU in 64-bit mode at level 0, code and data where a test wants them, registers as
 * bigints by name. The first 2 MiB are mapped at 0, like in the tiny guest that QEMU runs beside it.
 */
import { Machine } from '../../src/emulator/machine.ts';
import type { Vcpu } from '../../src/emulator/vcpu.ts';
import { type Cpu, CR0, CR4, CS, DS, EFER, ES, FS, GS, SS } from '../../src/x86/cpu.ts';
import { readFlags, writeFlags } from '../../src/x86/flags.ts';
import { setFlat, updateMode } from '../../src/x86/segments.ts';
import { openTranslator } from '../../src/x86/translate.ts';

/** In the order of their numbers. */
export const GENERAL = [
  ...['rax', 'rcx', 'rdx', 'rbx', 'rsp', 'rbp', 'rsi', 'rdi'],
  ...['r8', 'r9', 'r10', 'r11', 'r12', 'r13', 'r14', 'r15'],
] as const;

export type RegisterValues = Readonly<Record<string, bigint>>;

export interface X86Lab {
  readonly machine: Machine;
  readonly vcpu: Vcpu;
  readonly cpu: Cpu;
  set(values: RegisterValues): void;
  get(name: string): bigint;
  /** rip, rflags and the general registers. */
  all(): Record<string, bigint>;
  write(address: number, bytes: Uint8Array): void;
  read(address: number, size: number): Uint8Array;
  /** One instruction; the vector of the exception it raised, if any. */
  step(): number | undefined;
}

const MEMORY_BYTES = 4 << 20;

export async function x86Lab(): Promise<X86Lab> {
  const machine = new Machine({
    cpus: 1,
    seed: 1,
    memoryBytes: MEMORY_BYTES,
    translator: await openTranslator(),
  });
  const vcpu = machine.vcpus[0]!;
  const { cpu } = vcpu;
  enterLongMode(machine, cpu);
  let raised: number | undefined;
  machine.watcher = {
    delivering: (_, vector) => {
      raised ??= vector;
    },
  };
  return {
    machine,
    vcpu,
    cpu,
    set: (values) => {
      for (const [name, value] of Object.entries(values)) setRegister(cpu, name, value);
    },
    get: (name) => getRegister(cpu, name),
    all: () =>
      Object.fromEntries(['rip', 'rflags', ...GENERAL].map((name) => [name, getRegister(cpu, name)])),
    write: (address, bytes) => machine.memory.write(address, bytes),
    read: (address, size) => machine.memory.bytes.slice(address, address + size),
    step: () => {
      raised = undefined;
      machine.end = undefined;
      vcpu.step();
      return raised;
    },
  };
}

const low = (value: bigint): number => Number(BigInt.asIntN(32, value));
const high = (value: bigint): number => low(value >> 32n);
const pair = (lowHalf: number, highHalf: number): bigint =>
  (BigInt(highHalf >>> 0) << 32n) | BigInt(lowHalf >>> 0);

function setRegister(cpu: Cpu, name: string, value: bigint): void {
  const number = (GENERAL as readonly string[]).indexOf(name);
  if (name === 'rflags') writeFlags(cpu, low(value));
  else if (name === 'rip') {
    cpu.ripLow = low(value);
    cpu.ripHigh = high(value);
  } else {
    cpu.r[2 * number] = low(value);
    cpu.r[2 * number + 1] = high(value);
  }
}

function getRegister(cpu: Cpu, name: string): bigint {
  if (name === 'rflags') return BigInt(readFlags(cpu));
  if (name === 'rip') return pair(cpu.ripLow, cpu.ripHigh);
  const number = (GENERAL as readonly string[]).indexOf(name);
  return pair(cpu.r[2 * number]!, cpu.r[2 * number + 1]!);
}

/** Page tables at 0x2000; an empty IDT, so that every exception ends in a shutdown. */
function enterLongMode(machine: Machine, cpu: Cpu): void {
  const { view } = machine.memory;
  view.setInt32(0x2000, 0x3003, true);
  view.setInt32(0x3000, 0x4003, true);
  view.setInt32(0x4000, 0x83, true);
  cpu.cr3Low = 0x2000;
  cpu.cr4 = CR4.PAE;
  cpu.efer = EFER.LME | EFER.LMA;
  cpu.cr0 = CR0.PE | CR0.PG | CR0.ET;
  setFlat(cpu, CS, 8, 0xa09b00);
  for (const segment of [DS, ES, SS, FS, GS]) setFlat(cpu, segment, 0, 0x9300);
  cpu.idt.limit = 0;
  updateMode(cpu);
  cpu.hooks.pagingChanged();
}
