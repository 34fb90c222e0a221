/** Where things are: lines of a log, addresses by name and source line. */
import type { GuestCode } from './explanation.ts';
import { hex } from './rows.ts';

/** FILE:LINE; lines of several files have no file here. */
export function place(traces: readonly string[], line: number): string {
  return traces.length === 1 ? `${traces[0]}:${line}` : `line ${line}`;
}

/** `0xffffffff81000010 kernel`function+0x10 at mm/memory.c:123`, as far as it is known. */
export function named({ code }: { readonly code: GuestCode }, address: bigint): string {
  const where = nameAndLine(code, address);
  return where === '' ? hex(address) : `${hex(address)} ${where}`;
}

export function nameAndLine(code: GuestCode, address: bigint): string {
  const [name, line] = [code.name(address), code.line(address)];
  return [name, line === undefined ? undefined : `at ${line}`].filter((part) => part !== undefined).join(' ');
}

/** The upper half, where 64-bit kernels lie. */
export function isInKernel(address: bigint): boolean {
  return address >> 63n === 1n;
}

/** Lines of a text without their indentation. */
export function plain(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}
