/** Names of vectors as kernel developers say them: `#PF`, `INT 0x80`, `IRQ 0x20`. */
import { FIRST_EXTERNAL_VECTOR, VECTORS, type VectorDef } from '../machine/vectors.ts';

const BY_NUMBER: ReadonlyMap<number, VectorDef> = new Map(
  Object.values(VECTORS).map((row) => [row.vector, row]),
);

export const PAGE_FAULT = 14;
export const GENERAL_PROTECTION = 13;
export const DOUBLE_FAULT = 8;

/** `#PF page fault`; a device's and a program's vectors have no name of their own. */
export function vectorTitle(vector: number): string {
  return BY_NUMBER.get(vector)?.doc ?? `vector ${vectorHex(vector)}`;
}

/** `#PF`, or `vector 0x20`. */
export function vectorShort(vector: number): string {
  return /^#[A-Z]+/.exec(vectorTitle(vector))?.[0] ?? (vector === 2 ? 'NMI' : `vector ${vectorHex(vector)}`);
}

export function hasErrorCode(vector: number): boolean {
  return BY_NUMBER.get(vector)?.errorCode ?? false;
}

export function isException(vector: number): boolean {
  return vector < FIRST_EXTERNAL_VECTOR && vector !== 2;
}

export function vectorHex(vector: number): string {
  return `0x${vector.toString(16).padStart(2, '0')}`;
}
