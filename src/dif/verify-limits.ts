/**
 * What the verifier measures against: sizes, and what a DIFO may refer to; and how it says no. The rules are in
 * dif/verify.ts.
 */
import { builtinName, isBuiltinArray } from './builtin-ids.ts';
import type { Program, UserVariable } from './program.ts';

/** 256 KB of code, dtrace's limit for one object. */
export const MAX_INSTRUCTIONS = 65536;
/** Entries of the integer table, bytes of the string table: what a 16-bit index reaches. */
export const MAX_TABLE = 65536;
/** Bytes of a struct or array handled as one value: dtrace's limit, which keeps one firing's copying short. */
export const MAX_BY_REFERENCE = 16384;

export type Rule = `V${number}`;

export interface Rejection {
  readonly rule: Rule;
  /** Which DIFO of a program: 'clause 1, action #2 (key 1)'. Empty for a DIFO on its own. */
  readonly where: string;
  readonly pc: number; // index of the instruction, -1 when none is to blame
  readonly instruction: string; // its text, '' when none is to blame
  readonly message: string;
}

/** What a DIFO may refer to. */
export interface VerifyLimits {
  userVariable(scope: UserVariable['scope'], id: number): UserVariable | undefined;
  /** Built-in variables and registers. */
  builtin(id: number): 'scalar' | 'array' | undefined;
}

export type Reject = (rule: Rule, pc: number, message: string) => void;

/** The variables a program declares and the built-in ones. */
export function limitsOf(program: Program): VerifyLimits {
  const variables = new Map(
    program.variables.map((variable) => [`${variable.scope} ${variable.id}`, variable]),
  );
  return {
    userVariable: (scope, id) => variables.get(`${scope} ${id}`),
    builtin(id) {
      if (builtinName(id) === undefined) return undefined;
      return isBuiltinArray(id) ? 'array' : 'scalar';
    },
  };
}
