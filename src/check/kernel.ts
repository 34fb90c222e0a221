/**
 * What the checker asks of the guest's kernel, declared here and implemented by the session from symbol files: types
 * (BTF) and symbols. Either may be missing; with neither a program has its own types only.
 */
import type { TypeSource } from '../types/table.ts';
import type { Type } from '../types/type.ts';

export interface Kernel {
  readonly types: KernelTypes | undefined;
  readonly symbols: KernelSymbols | undefined;
}

export interface KernelTypes extends TypeSource {
  /** The type of a variable; a per-CPU one's address counts from the CPU's own base. */
  variable(name: string, module?: string): { readonly type: Type; readonly perCpu: boolean } | undefined;
  function(name: string, module?: string): { readonly type: Type } | undefined;
  enumerator(name: string): { readonly value: number; readonly type: Type } | undefined;
  /** Its numbers lie the other way round in memory than D loads them. */
  readonly bigEndian: boolean;
}

export interface KernelSymbols {
  find(name: string, module?: string): KernelSymbol | undefined;
}

export interface KernelSymbol {
  readonly address: bigint;
  readonly sizeBytes: number; // 0 when nothing tells it
  readonly isFunction: boolean;
}
