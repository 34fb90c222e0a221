/**
 * A PatchTarget of plain maps: a test plays the processor itself, so that each turn of a step can be seen and disturbed.
 * Instructions are executed in place only where the test says how.
 */
import { REGISTERS } from '../../src/machine/registers.ts';
import type { ExecuteOutcome, PatchTarget } from '../../src/machine/target.ts';

const { rip, rsp, rflags } = REGISTERS;
export const TF = 0x100n;
export const IF = 0x200n;
export const SCRATCH = 0xffff_ffff_a000_0000n; // that of CPU n is n pages on

export class FakeTarget implements PatchTarget {
  readonly cpuCount: number;
  tellsWrites = true;
  tellsReturns = true;
  is64Bit = true;
  scratchSlots = 1;
  readonly registers: Map<number, bigint>[];
  readonly held: boolean[];
  readonly shadowed: boolean[];
  /** How `execute` does an instruction, by its text. */
  readonly inPlace = new Map<string, (cpu: number) => ExecuteOutcome>();
  scratchAt: (cpu: number) => bigint | undefined = (cpu) => SCRATCH + BigInt(cpu) * 0x1000n;
  private readonly bytes = new Map<bigint, number>();
  private readonly readOnly = new Set<bigint>();

  constructor(cpuCount = 1) {
    this.cpuCount = cpuCount;
    this.registers = Array.from({ length: cpuCount }, () => new Map());
    this.held = new Array(cpuCount).fill(false);
    this.shadowed = new Array(cpuCount).fill(false);
    for (let cpu = 0; cpu < cpuCount; cpu++) this.map(this.scratchAt(cpu)!, new Uint8Array(32));
  }

  readRegister(cpu: number, id: number): bigint {
    return this.registers[cpu]!.get(id) ?? 0n;
  }
  writeRegister(cpu: number, id: number, value: bigint): void {
    this.registers[cpu]!.set(id, value);
  }
  readMemory(_: number, address: bigint, out: Uint8Array): boolean {
    const found = Array.from(out, (_, at) => this.bytes.get(address + BigInt(at)));
    if (found.includes(undefined)) return false;
    out.set(found as number[]);
    return true;
  }
  writeMemory(_: number, address: bigint, bytes: Uint8Array): boolean {
    const at = Array.from(bytes, (_, index) => address + BigInt(index));
    if (at.some((a) => !this.bytes.has(a) || this.readOnly.has(a))) return false;
    at.forEach((a, index) => {
      this.bytes.set(a, bytes[index]!);
    });
    return true;
  }
  watchWrites(): void {}
  isAt64BitCode(): boolean {
    return this.is64Bit;
  }
  scratch(cpu: number): bigint | undefined {
    return this.scratchAt(cpu);
  }
  execute(cpu: number, code: Uint8Array): ExecuteOutcome {
    return this.inPlace.get(Buffer.from(code).toString('hex'))?.(cpu) ?? 'cannot';
  }
  holdInterrupts(cpu: number, held: boolean): void {
    this.held[cpu] = held;
  }
  shadowInterrupts(cpu: number): void {
    this.shadowed[cpu] = true;
  }
  pauseOthers(): void {}
  resumeOthers(): void {}

  // For tests

  map(address: bigint, bytes: Uint8Array, kind: 'writable' | 'read-only' = 'writable'): void {
    bytes.forEach((byte, at) => {
      this.bytes.set(address + BigInt(at), byte);
      if (kind === 'read-only') this.readOnly.add(address + BigInt(at));
    });
  }
  hex(address: bigint, size: number): string {
    const out = new Uint8Array(size);
    return this.readMemory(0, address, out) ? Buffer.from(out).toString('hex') : 'unreadable';
  }
  word(address: bigint): bigint {
    const out = new Uint8Array(8);
    if (!this.readMemory(0, address, out)) throw new Error(`no memory at ${address}`);
    return new DataView(out.buffer).getBigUint64(0, true);
  }
  setWord(address: bigint, value: bigint): void {
    const bytes = new Uint8Array(8);
    new DataView(bytes.buffer).setBigUint64(0, BigInt.asUintN(64, value), true);
    this.map(address, bytes);
  }
  rip(cpu = 0): bigint {
    return this.readRegister(cpu, rip.id);
  }
  setRip(value: bigint, cpu = 0): void {
    this.writeRegister(cpu, rip.id, value);
  }
  sp(cpu = 0): bigint {
    return this.readRegister(cpu, rsp.id);
  }
  setSp(value: bigint, cpu = 0): void {
    this.writeRegister(cpu, rsp.id, value);
  }
  flags(cpu = 0): bigint {
    return this.readRegister(cpu, rflags.id);
  }
  setFlags(value: bigint, cpu = 0): void {
    this.writeRegister(cpu, rflags.id, value);
  }
}
