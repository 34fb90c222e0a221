/**
 * A guest that runs already, as it is found: by the address of its gdb stub, or by the pid of its QEMU, whose command line
 * says where that is; and where the kernel in it lies.
 */
import fs from 'node:fs';
import path from 'node:path';
import { systemReason } from '../base/system-reason.ts';
import type { GdbThread } from './gdb-thread.ts';
import { qemuFacts } from './qemu-command.ts';

export type GuestPlace =
  | { readonly kind: 'address'; readonly address: string }
  | { readonly kind: 'pid'; readonly pid: number };

/** The address of its gdb stub, or why there is none. */
export function gdbAddressOf(place: GuestPlace): { readonly address: string } | { readonly reason: string } {
  if (place.kind === 'address') return place;
  const folder = `/proc/${place.pid}`;
  try {
    const words = fs.readFileSync(`${folder}/cmdline`, 'utf8').split('\0').slice(0, -1);
    const { gdb, target } = qemuFacts(words);
    if (target === '') return { reason: 'it is no QEMU, and only guests are traced' };
    if (gdb === undefined) return { reason: 'its QEMU was started without -gdb or -s, so nobody can attach' };
    const relative = /^unix:(?!\/)([^,]+)/.exec(gdb)?.[1];
    if (relative === undefined) return { address: gdb };
    return { address: `unix:${path.join(fs.readlinkSync(`${folder}/cwd`), relative)}` };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return { reason: code === 'ENOENT' ? 'No such process' : systemReason(error) };
  }
}

const PAGE_FAULT = 14n;
const GATE_BYTES = 16;
/** KASLR moves an x86-64 Linux by multiples of this. */
const SLIDE_STEP = 0x20_0000n;
/** What Linux calls its page-fault handler, newest first. */
const PAGE_FAULT_HANDLERS = ['asm_exc_page_fault', 'asm_page_fault', 'page_fault'];

/**
 * How far a stopped guest's Linux was moved: its page-fault handler is where the interrupt table says. Undefined when it
 * has no such table yet, or is no such kernel.
 */
export async function kernelSlide(
  thread: GdbThread,
  addressOf: (name: string) => bigint | undefined,
): Promise<bigint | undefined> {
  const named = PAGE_FAULT_HANDLERS.map(addressOf).find((address) => address !== undefined);
  const text = await thread.hmp('info registers');
  const table = typeof text === 'string' ? /IDT=\s*([0-9a-f]{16}) [0-9a-f]+/.exec(text)?.[1] : undefined;
  if (named === undefined || table === undefined) return undefined;
  const gate = thread.readMemory(0, BigInt(`0x${table}`) + PAGE_FAULT * BigInt(GATE_BYTES), GATE_BYTES);
  if (typeof gate === 'string' || gate.length < GATE_BYTES) return undefined;
  const slide = handlerOf(gate) - named;
  return slide % SLIDE_STEP === 0n && handlerOf(gate) !== 0n ? slide : undefined;
}

/** The address in a gate of a 64-bit interrupt table: bits 0–15, 48–63 and 64–95 of it. */
function handlerOf(gate: Uint8Array): bigint {
  const view = new DataView(gate.buffer, gate.byteOffset, gate.byteLength);
  const low = view.getUint16(0, true) | (view.getUint16(6, true) << 16);
  return (BigInt(view.getUint32(8, true)) << 32n) | BigInt(low >>> 0);
}
