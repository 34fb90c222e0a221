/** What CPUID answers: a CPU of 64 bits with what kernels without floating point use, and nothing that is not emulated. */
import { type Cpu, RAX, RBX, RCX, RDX } from '../x86/cpu.ts';

const bits = (...numbers: readonly number[]): number => numbers.reduce((word, bit) => word | (1 << bit), 0);

/** PSE TSC MSR PAE CX8 APIC PGE CMOV. */
const FEATURES = bits(3, 4, 5, 6, 8, 9, 13, 15);
/** CX16 and "a hypervisor is here". */
const MORE_FEATURES = bits(13, 31);
/** SYSCALL NX 1-GiB-pages long-mode. */
const LONG_FEATURES = bits(11, 20, 26, 29);
const VENDOR = 'TraplineVCPU';
const BRAND = 'trapline emulated x86-64 CPU'.padEnd(48, '\0');
const LAST = 1;
const LAST_EXTENDED = 0x80000008 | 0;
/** Family 15, model 6, stepping 1: no real one has it. */
const SIGNATURE = 0xf61;

const word = (text: string, at: number): number =>
  [0, 1, 2, 3].reduce((value, i) => value | (text.charCodeAt(at + i) << (8 * i)), 0);

function answer(leaf: number, index: number, cpuCount: number): readonly [number, number, number, number] {
  switch (leaf) {
    case 0:
      return [LAST, word(VENDOR, 0), word(VENDOR, 8), word(VENDOR, 4)];
    case 1:
      return [SIGNATURE, (index << 24) | (cpuCount << 16), MORE_FEATURES, FEATURES];
    case 0x80000000 | 0:
      return [LAST_EXTENDED, 0, 0, 0];
    case 0x80000001 | 0:
      return [SIGNATURE, 0, 1, LONG_FEATURES]; // LAHF in 64-bit code
    case 0x80000002 | 0:
    case 0x80000003 | 0:
    case 0x80000004 | 0: {
      const at = 16 * ((leaf & 7) - 2);
      return [word(BRAND, at), word(BRAND, at + 4), word(BRAND, at + 8), word(BRAND, at + 12)];
    }
    case 0x80000008 | 0:
      return [0x3028, 0, 0, 0]; // 40 bits physical, 48 virtual
    default:
      return [0, 0, 0, 0];
  }
}

export function cpuid(cpu: Cpu, cpuCount: number): void {
  const [a, b, c, d] = answer(cpu.r[RAX]!, cpu.index, cpuCount);
  for (const [slot, value] of [
    [RAX, a],
    [RBX, b],
    [RCX, c],
    [RDX, d],
  ] as const) {
    cpu.r[slot] = value;
    cpu.r[slot + 1] = 0;
  }
}
