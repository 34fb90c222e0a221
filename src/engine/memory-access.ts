/** The instructions that reach memory by address: loads, stores, string comparison, copies. False is a fault. */
import { ENGINE_BASE_HIGH } from '../machine/address.ts';
import type { MachineState } from './machine-state.ts';

/** W[to] := the `sizeBytes` bytes at the address W[at], extended by `signed`. Any alignment. */
export function load(m: MachineState, at: number, sizeBytes: number, signed: boolean, to: number): boolean {
  const { i32 } = m.memory;
  let offset = i32[at]! >>> 0;
  if (i32[at + 1]! !== ENGINE_BASE_HIGH || offset + sizeBytes > m.visible.endOf(offset)) {
    offset = m.findBytes(at, sizeBytes);
    if (offset < 0) return false;
  }
  const low = littleEndian(m.memory.u8, offset, Math.min(sizeBytes, 4));
  if (sizeBytes === 8) {
    i32[to] = low;
    i32[to + 1] = littleEndian(m.memory.u8, offset + 4, 4);
    return true;
  }
  const unused = 32 - sizeBytes * 8;
  const extended = signed ? (low << unused) >> unused : low;
  i32[to] = extended;
  i32[to + 1] = signed ? extended >> 31 : 0;
  return true;
}

/** Bytes at the address W[to] := low bytes of W[from]. */
export function store(m: MachineState, from: number, sizeBytes: number, to: number): boolean {
  const offset = m.findWritable(to, sizeBytes);
  if (offset < 0) return false;
  const { u8 } = m.memory;
  for (let i = 0; i < sizeBytes; i++) u8[offset + i] = u8[from * 4 + i]!;
  return true;
}

/** Copy W[size] bytes from the address W[from] to the address W[to]. */
export function copyMemory(m: MachineState, from: number, size: number, to: number): boolean {
  if (m.isZero(size)) return true;
  const { i32 } = m.memory;
  // No size that does not fit the memory is readable: any such number serves.
  const sizeBytes = i32[size + 1]! === 0 ? i32[size]! >>> 0 : 2 ** 33;
  const target = m.findWritable(to, sizeBytes);
  if (target < 0) return false;
  const source = m.findBytes(from, sizeBytes);
  if (source < 0) return false;
  m.memory.u8.copyWithin(target, source, source + sizeBytes);
  return true;
}

/** Result of compareText after a fault. */
export const UNREADABLE = 2;

/** −1, 0 or 1 as the string at W[a] is before, like or after the one at W[b]; NULL is the empty string. */
export function compareText(m: MachineState, a: number, b: number): number {
  if (!m.findTextOrEmpty(a)) return UNREADABLE;
  const left = m.foundAt;
  const leftLength = m.foundLength;
  if (!m.findTextOrEmpty(b)) return UNREADABLE;
  const right = m.foundAt;
  const shorter = Math.min(leftLength, m.foundLength);
  const { u8 } = m.memory;
  for (let i = 0; i < shorter; i++) {
    const difference = u8[left + i]! - u8[right + i]!;
    if (difference !== 0) return Math.sign(difference);
  }
  return Math.sign(leftLength - m.foundLength);
}

function littleEndian(u8: Uint8Array, offset: number, sizeBytes: number): number {
  let value = 0;
  for (let i = 0; i < sizeBytes; i++) value |= u8[offset + i]! << (i * 8);
  return value;
}
