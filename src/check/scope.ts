/**
 * What the programs of a session share: types, variables, aggregations, inlines, translators, providers.
 *
 * Globals, thread-local (`self->`) and clause-local (`this->`) variables are three name spaces, each with ids of its own
 * from USER_VARIABLE_BASE up. Globals share theirs with inlines, prototypes and D's built-ins. Nothing is ever removed: a
 * type once given stays for the session.
 *
 * DIFFERS: trapline's own built-ins (`line`, `depth`, `cs`, …; ids from 0x180) give way to a program that assigns or
 * declares a variable of that name before reading it, so scripts written before they existed keep working.
 */
import type { Span } from '../diag/span.ts';
import { ACTIONS } from '../dif/actions.ts';
import { AGGREGATING_FUNCTIONS } from '../dif/aggregating-functions.ts';
import type { UserVariable, ValueShape } from '../dif/program.ts';
import { SUBROUTINES } from '../dif/subroutines.ts';
import {
  BUILTIN_VARIABLES,
  type BuiltinName,
  FIRST_OWN_BUILTIN,
  USER_VARIABLE_BASE,
} from '../dif/variables.ts';
import { REGISTERS } from '../machine/registers.ts';
import type { Expr } from '../syntax/ast.ts';
import { TypeTable } from '../types/table.ts';
import type { Type } from '../types/type.ts';
import type { Kernel } from './kernel.ts';
import { libraryConstants } from './library-constants.ts';
import type { TypedAggregation } from './typed.ts';

/** Ids are 16 bits in DIF. */
const LAST_VARIABLE_ID = 0xffff;

export interface Inline {
  readonly kind: 'inline';
  readonly name: string;
  readonly type: Type;
  /** Undefined: a plain inline, `inline int x = 1`. */
  readonly parameters: readonly InlineParameter[] | undefined;
  readonly value: Expr;
  /** Set for enumerators, whose value needs no expression. */
  readonly constant: bigint | undefined;
  readonly enumTag: string | undefined;
}

export interface InlineParameter {
  readonly name: string;
  readonly type: Type;
}

export interface Prototype {
  readonly kind: 'function';
  readonly name: string;
  readonly type: Type;
}

export interface GlobalVariable {
  readonly kind: 'variable';
  readonly variable: UserVariable;
}

export type GlobalSymbol = GlobalVariable | Inline | Prototype;

export interface Translator {
  readonly output: Type;
  readonly input: Type;
  readonly parameter: string;
  readonly members: ReadonlyMap<string, Expr>;
}

/** A probe that a provider definition declares: what it is given, and what args[] shows of that. */
export interface DefinedProbe {
  readonly native: readonly Type[];
  readonly arguments: readonly DefinedArgument[];
}

export interface DefinedArgument {
  readonly type: Type;
  readonly from: number; // index of the native argument it is made of, through a translator when the types differ
}

/** Probes by name, as descriptions spell it. */
export type DefinedProvider = ReadonlyMap<string, DefinedProbe>;

export interface KnownAggregation {
  readonly typed: TypedAggregation;
  readonly span: Span; // of the first assignment
  /** lquantize's limit as written; its parameters keep only the number of levels. */
  readonly limit: number | undefined;
}

/** What a subroutine takes and gives; the parameters beyond `required` are optional. */
export interface Signature {
  readonly returns: Type;
  readonly parameters: readonly Type[];
  readonly required: number;
}

export type VariableScope = UserVariable['scope'];

export class Scope {
  /** The guest's, as far as symbol files tell. */
  readonly kernel: Kernel | undefined;
  readonly types: TypeTable;
  readonly globals = new Map<string, GlobalSymbol>();
  readonly translators: Translator[] = [];
  /** Prototypes of subroutines, by name, read when first used. */
  readonly signatures = new Map<string, Signature>();
  /** Stability that pragmas have given to names. */
  readonly attributes = new Map<string, string>();
  /** Where the pointers that variables hold come from, by variable (pointer-origin.ts). */
  readonly origins = new Map<UserVariable, 'alloca' | 'other'>();
  readonly providers = new Map<string, DefinedProvider>();
  readonly aggregations = new Map<string, KnownAggregation>();
  private readonly locals = {
    thread: new Map<string, UserVariable>(),
    clause: new Map<string, UserVariable>(),
  };
  private readonly counts = { global: 0, thread: 0, clause: 0 };
  private readonly readBuiltins = new Set<string>();
  private readonly ordered: UserVariable[] = [];

  constructor(kernel?: Kernel) {
    this.kernel = kernel;
    this.types = new TypeTable(kernel?.types);
  }

  /** Whether the parser should take a name for an identifier although a type may have it too. */
  isIdentifier(name: string): boolean {
    return (
      this.globals.has(name) ||
      [BUILTIN_VARIABLES, SUBROUTINES, ACTIONS, AGGREGATING_FUNCTIONS].some((table) =>
        Object.hasOwn(table, name),
      )
    );
  }

  /** All user variables, in order of declaration. */
  get variables(): readonly UserVariable[] {
    return this.ordered;
  }

  variable(scope: VariableScope, name: string): UserVariable | undefined {
    if (scope !== 'global') return this.locals[scope].get(name);
    const symbol = this.globals.get(name);
    return symbol?.kind === 'variable' ? symbol.variable : undefined;
  }

  /** Declare a new variable; undefined when no id is left. */
  addVariable(
    scope: VariableScope,
    name: string,
    keys: readonly ValueShape[] | undefined,
    value: ValueShape,
  ): UserVariable | undefined {
    const id = USER_VARIABLE_BASE + this.counts[scope];
    if (id > LAST_VARIABLE_ID) return undefined;
    this.counts[scope]++;
    const variable: UserVariable = { id, name, scope, keys, value };
    if (scope === 'global') this.globals.set(name, { kind: 'variable', variable });
    else this.locals[scope].set(name, variable);
    this.ordered.push(variable);
    return variable;
  }

  /** Names of one variable scope, for hints. */
  localNames(scope: 'thread' | 'clause'): Iterable<string> {
    return this.locals[scope].keys();
  }

  /** A program has read this built-in, so its name is no longer free. */
  noteBuiltinRead(name: string): void {
    this.readBuiltins.add(name);
  }

  /** Whether a program may give another meaning to this name of a built-in or a library's constant. */
  mayHide(name: string): boolean {
    if (this.readBuiltins.has(name)) return false;
    if (libraryConstants().has(name)) return !this.globals.has(name);
    if (Object.hasOwn(REGISTERS, name)) return true;
    return (
      Object.hasOwn(BUILTIN_VARIABLES, name) && BUILTIN_VARIABLES[name as BuiltinName].id >= FIRST_OWN_BUILTIN
    );
  }
}

/** Whether the name is a variable that D or trapline supplies. */
export function isBuiltinVariable(name: string): boolean {
  return Object.hasOwn(BUILTIN_VARIABLES, name) || Object.hasOwn(REGISTERS, name);
}
