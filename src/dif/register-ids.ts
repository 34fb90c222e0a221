/** Registers by name, for rooms that see the traced machine only through records. */
import { REGISTERS, type RegisterName } from '../machine/registers.ts';

export function registerId(name: RegisterName): number {
  return REGISTERS[name].id;
}
