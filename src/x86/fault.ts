/**
 * Faults: how an instruction that cannot complete leaves the core.
 *
 * The vector and error code go into the CPU, and one and the same object is thrown: a fault is an ordinary event of a guest
 * (demand paging) and must not cost a stack trace. Whoever runs instructions catches FAULT, and anything else is a bug.
 */
import type { Cpu } from './cpu.ts';

export const FAULT = Object.freeze({ fault: true });

export const DE = 0;
export const DB = 1;
export const NMI = 2;
export const BP = 3;
export const OF = 4;
export const UD = 6;
export const DF = 8;
export const TS = 10;
export const NP = 11;
export const SS = 12;
export const GP = 13;
export const PF = 14;

/** A fault without an error code. */
export function raise(cpu: Cpu, vector: number): never {
  cpu.faultVector = vector;
  cpu.faultError = 0;
  throw FAULT;
}

export function raiseWith(cpu: Cpu, vector: number, error: number): never {
  cpu.faultVector = vector;
  cpu.faultError = error;
  throw FAULT;
}

/** Vectors whose delivery pushes an error code: #DF #TS #NP #SS #GP #PF #AC #CP #VC #SX. */
const WITH_ERROR_CODE = (1 << 8) | (0x1f << 10) | (1 << 17) | (1 << 21) | (1 << 29) | (1 << 30);

export function pushesErrorCode(vector: number): boolean {
  return vector < 32 && ((WITH_ERROR_CODE >>> vector) & 1) !== 0;
}
