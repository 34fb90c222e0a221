/** Names and ids of everything that `ldgs` and `ldga` read besides user variables: built-in variables and registers. */
import { REGISTERS, type RegisterName } from '../machine/registers.ts';
import { BUILTIN_VARIABLES, type BuiltinName, registerVariableId } from './variables.ts';

export function builtinId(name: string): number | undefined {
  if (Object.hasOwn(BUILTIN_VARIABLES, name)) return BUILTIN_VARIABLES[name as BuiltinName].id;
  return Object.hasOwn(REGISTERS, name) ? registerVariableId(name as RegisterName) : undefined;
}

export function builtinName(id: number): string | undefined {
  for (const name in BUILTIN_VARIABLES) if (builtinId(name) === id) return name;
  for (const name in REGISTERS) if (builtinId(name) === id) return name;
  return undefined;
}

/** Whether the built-in is indexed: `args[n]`. */
export function isBuiltinArray(id: number): boolean {
  return Object.values(BUILTIN_VARIABLES).some((row) => row.id === id && 'array' in row);
}
