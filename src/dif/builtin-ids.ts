/** Names and ids of everything that `ldgs` and `ldga` read besides user variables: built-in variables and registers. */
import { REGISTERS, type RegisterName } from '../machine/registers.ts';
import { BUILTIN_VARIABLES, registerVariableId } from './variables.ts';

export const BUILTIN_IDS: ReadonlyMap<string, number> = new Map([
  ...Object.entries(BUILTIN_VARIABLES).map(([name, row]): [string, number] => [name, row.id]),
  ...(Object.keys(REGISTERS) as RegisterName[]).map((name): [string, number] => [
    name,
    registerVariableId(name),
  ]),
]);

export const BUILTIN_NAMES: ReadonlyMap<number, string> = new Map(
  [...BUILTIN_IDS].map(([name, id]) => [id, name]),
);

/** Ids of the built-ins that are indexed: `args[n]`. */
export const BUILTIN_ARRAYS: ReadonlySet<number> = new Set(
  Object.values(BUILTIN_VARIABLES)
    .filter((row) => 'array' in row)
    .map((row) => row.id),
);
