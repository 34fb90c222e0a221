/**
 * The typed tree: D with every question answered. Names are resolved, inlines and translators expanded, constants
 * folded, operators made specific (signed or unsigned, string or integer), pointer arithmetic scaled. Codegen only
 * has to place values in registers.
 *
 * Every expression evaluates to a 64-bit value. An expression of string, struct, union or array type evaluates to the
 * *address* of its bytes (0 for NULL). Integers are held extended to 64 bits by their type's signedness only where a
 * `narrow` node says so: intermediate values are full 64-bit (behaviours.md 22).
 */
import type { Span } from '../diag/span.ts';
import type { ActionName } from '../dif/actions.ts';
import type { AggFuncName } from '../dif/aggregating-functions.ts';
import type { PrintfFormat } from '../dif/printf-format.ts';
import type { AggregationParams, ProbePattern, UserVariable, ValueShape } from '../dif/program.ts';
import type { SubrName } from '../dif/subroutines.ts';
import type { SourceNeeds } from '../machine/needs.ts';
import type { Type } from '../types/type.ts';

export interface TypedProgram {
  readonly name: string;
  readonly clauses: readonly TypedClause[];
  readonly variables: readonly UserVariable[];
  readonly aggregations: readonly TypedAggregation[];
  readonly needs: SourceNeeds;
  readonly destructive: readonly (ActionName | SubrName)[];
  readonly strsize: number;
  readonly stability?: string; // least of the names used, name/data/class
}

export interface TypedAggregation {
  readonly id: number;
  readonly name: string;
  readonly func: AggFuncName;
  readonly keys: readonly ValueShape[];
  readonly value: ValueShape;
  readonly params: AggregationParams;
}

export interface TypedClause {
  readonly span: Span;
  readonly patterns: readonly ProbePattern[];
  readonly predicate: TypedExpr | undefined;
  readonly body: readonly TypedStatement[];
  /** False when the body is empty or absent: the default action. */
  readonly hasStatements: boolean;
  /** It reads the guest's memory, as far as that can be seen (guest-memory.ts). */
  readonly readsMemory?: boolean;
}

export type TypedStatement =
  | { readonly kind: 'expression'; readonly expr: TypedExpr }
  | {
      readonly kind: 'if';
      readonly condition: TypedExpr;
      readonly then: readonly TypedStatement[];
      readonly otherwise: readonly TypedStatement[];
    }
  | {
      readonly kind: 'aggregate';
      readonly aggregation: number;
      readonly keys: readonly TypedKey[];
      readonly value: TypedExpr | undefined;
      readonly increment: TypedExpr | undefined;
    }
  | TypedAction;

export type TypedKey =
  | { readonly kind: 'value'; readonly expr: TypedExpr; readonly shape: ValueShape }
  | { readonly kind: 'stack' | 'ustack' | 'jstack'; readonly frames: number };

/** An expression to be recorded. */
export interface TypedValue {
  readonly expr: TypedExpr;
  readonly shape: ValueShape; // what is recorded of it
}

/** The stack of the firing, to be recorded: the action, and an argument of printf(). */
export interface TypedStack {
  readonly kind: 'stack' | 'ustack' | 'jstack';
  readonly frames: number;
  readonly shape: ValueShape;
}

/** Actions with their arguments checked. `shape` is what is recorded of an expression. */
export type TypedAction =
  | { readonly kind: 'trace' | 'exit'; readonly expr: TypedExpr; readonly shape: ValueShape }
  // `pointed`: `expr` is a pointer and `shape` that of what it points to
  | {
      readonly kind: 'print';
      readonly expr: TypedExpr;
      readonly shape: ValueShape;
      readonly pointed: boolean;
    }
  | {
      readonly kind: 'tracemem';
      readonly expr: TypedExpr; // the address
      readonly sizeBytes: number;
      readonly dynamicSize: TypedExpr | undefined;
    }
  | { readonly kind: 'registers' }
  | { readonly kind: 'disasm'; readonly expr: TypedExpr; readonly count: number }
  | {
      readonly kind: 'printf' | 'system' | 'freopen';
      readonly format: PrintfFormat;
      readonly values: readonly (TypedValue | TypedStack)[];
    }
  | {
      readonly kind: 'printa';
      readonly format: PrintfFormat | undefined;
      readonly aggregations: readonly number[];
    }
  | TypedStack
  | { readonly kind: 'speculate' | 'commit' | 'discard' | 'raise' | 'chill'; readonly expr: TypedExpr }
  | { readonly kind: 'clear' | 'denormalize'; readonly aggregation: number }
  | {
      readonly kind: 'trunc' | 'normalize';
      readonly aggregation: number;
      readonly expr: TypedExpr | undefined;
      readonly shape: ValueShape | undefined;
    }
  | { readonly kind: 'setopt'; readonly name: Uint8Array; readonly value: Uint8Array | undefined }
  | { readonly kind: 'ftruncate' | 'stop' | 'breakpoint' | 'panic' | 'pcap' };

export type ArithmeticOperator =
  | 'add'
  | 'sub'
  | 'mul'
  | 'sdiv'
  | 'udiv'
  | 'srem'
  | 'urem'
  | 'and'
  | 'or'
  | 'xor'
  | 'sll'
  | 'srl'
  | 'sra';
export type Relation = 'eq' | 'ne' | 'lt' | 'le' | 'gt' | 'ge';

export type TypedExpr = { readonly type: Type; readonly span: Span } & (
  | { readonly kind: 'integer'; readonly value: bigint } // signed 64-bit form
  | { readonly kind: 'string'; readonly bytes: Uint8Array } // without the NUL
  | { readonly kind: 'load'; readonly place: Place }
  | { readonly kind: 'address'; readonly place: MemoryPlace } // &p, and arrays/structs used as values
  | { readonly kind: 'assign'; readonly place: Place; readonly value: TypedExpr } // value of the expression: the stored value
  | {
      // place := narrow(place op operand); the place's address and keys are evaluated once
      readonly kind: 'update';
      readonly place: Place;
      readonly operator: ArithmeticOperator;
      readonly operand: TypedExpr;
      readonly returns: 'old' | 'new';
    }
  | { readonly kind: 'negate' | 'complement' | 'not'; readonly operand: TypedExpr } // not: 0/1
  | {
      readonly kind: 'arithmetic';
      readonly operator: ArithmeticOperator;
      readonly left: TypedExpr;
      readonly right: TypedExpr;
    }
  | {
      readonly kind: 'compare';
      readonly relation: Relation;
      readonly as: 'signed' | 'unsigned' | 'string';
      readonly left: TypedExpr;
      readonly right: TypedExpr;
    }
  | {
      readonly kind: 'logical';
      readonly operator: '&&' | '||' | '^^';
      readonly left: TypedExpr;
      readonly right: TypedExpr;
    }
  | {
      readonly kind: 'conditional';
      readonly condition: TypedExpr;
      readonly then: TypedExpr;
      readonly otherwise: TypedExpr;
    }
  | { readonly kind: 'comma'; readonly left: TypedExpr; readonly right: TypedExpr }
  | {
      readonly kind: 'narrow';
      readonly operand: TypedExpr;
      readonly sizeBytes: 1 | 2 | 4;
      readonly signed: boolean;
    }
  | { readonly kind: 'retype'; readonly operand: TypedExpr } // same bits, another type: casts between pointers, stringof
  | { readonly kind: 'bounded'; readonly operand: TypedExpr; readonly count: number } // a fault unless 0 <= operand < count
  | { readonly kind: 'call'; readonly subr: SubrName; readonly args: readonly CallArgument[] }
);

export interface CallArgument {
  readonly expr: TypedExpr;
  readonly byReference: boolean; // the value is the address of a string
}

/** Where a value lives. */
export type Place =
  | { readonly kind: 'variable'; readonly variable: UserVariable } // scalar of any scope
  | { readonly kind: 'element'; readonly variable: UserVariable; readonly keys: readonly CallArgument[] }
  | {
      readonly kind: 'builtin';
      readonly id: number;
      readonly index: TypedExpr | undefined;
      readonly shape: ValueShape;
    }
  | MemoryPlace;

/** Bytes at an address: `*p`, `p->m`, `s.m`, `p[i]`. Bit-fields say which bits of the addressed unit. */
export interface MemoryPlace {
  readonly kind: 'memory';
  readonly address: TypedExpr;
  readonly shape: ValueShape;
  readonly bits: { readonly offset: number; readonly width: number } | undefined;
  /**
   * Set when the address lies in a by-reference dynamic variable (`x[k].m = v`): a store must first make the element
   * exist, zeroed, and only then evaluate `address`.
   */
  readonly within: { readonly place: Place; readonly sizeBytes: number } | undefined;
}
