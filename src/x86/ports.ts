/**
 * IN and OUT, and who may: code whose level is at most IOPL. The I/O bitmap of the task state segment is not looked at: to
 * user code every port is closed.
 */
import { type Cpu, FLAG, type Handler, RAX, RDX } from './cpu.ts';
import { GP, raiseWith } from './fault.ts';

export function checkPort(cpu: Cpu): void {
  if (!cpu.isProtected || cpu.cpl <= (cpu.flags & FLAG.IOPL) >> 12) return;
  raiseWith(cpu, GP, 0);
}

/** Port: DX, or the immediate; `extra` is 1 for DX. */
const portOf = (cpu: Cpu, extra: number, low: number): number => (extra === 1 ? cpu.r[RDX]! : low) & 0xffff;

export const input: Handler = (cpu, op) => {
  const { r } = cpu;
  const port = portOf(cpu, op.extra, op.low & 0xff);
  checkPort(cpu);
  const value = cpu.hooks.portRead(port, op.size);
  if (op.size === 1) r[RAX] = (r[RAX]! & ~0xff) | (value & 0xff);
  else if (op.size === 2) r[RAX] = (r[RAX]! & ~0xffff) | (value & 0xffff);
  else {
    r[RAX] = value;
    r[RAX + 1] = 0;
  }
};

export const output: Handler = (cpu, op) => {
  const port = portOf(cpu, op.extra, op.low & 0xff);
  checkPort(cpu);
  cpu.hooks.portWrite(port, op.size, cpu.r[RAX]!);
};
