/**
 * A compiled D program: what the compile half hands to the run half, and all they share.
 *
 *   Program ─┬─ variables, aggregations, strings        (program-wide, ids are indices unless said otherwise)
 *            └─ clauses ─┬─ probe descriptions
 *                        ├─ predicate: Difo?
 *                        ├─ actions in order, each with its Difos        control flow among them only forward
 *                        └─ record layout                                one per clause, so one per EPID
 *
 * A clause on n probes becomes n ECBs, each with an EPID of its own.
 */
import type { SourceNeeds } from '../machine/needs.ts';
import type { Type } from '../types/type.ts';
import type { ActionName } from './actions.ts';
import type { AggFuncName } from './aggregating-functions.ts';
import type { PrintfFormat } from './printf-format.ts';
import type { SubrName } from './subroutines.ts';

/** One DIF object: code with its tables. Executed for one value. */
export interface Difo {
  readonly code: Uint32Array; // instructions, opcodes.ts
  readonly integers: BigInt64Array; // integer table
  readonly strings: Uint8Array; // string table: NUL-terminated strings one after another
  readonly result: ValueShape; // how the value in the returned register is to be taken
}

/**
 * How a 64-bit register value is stored, recorded and compared.
 *   int      an integer of `sizeBytes`, sign- or zero-extended when loaded
 *   string   the register is the address of NUL-terminated bytes; stored in strsize + 1 bytes
 *   bytes    the register is the address of `sizeBytes` bytes (struct, union, array)
 *   symaddr / usymaddr  an address to be shown symbolically, 8 bytes
 *   stack    frames, `sizeBytes` = 8 × frames; filled by the action, not from the register
 *   void     no value
 */
export interface ValueShape {
  readonly kind: 'int' | 'string' | 'bytes' | 'symaddr' | 'usymaddr' | 'stack' | 'void';
  readonly sizeBytes: number; // 0 for void; for string strsize + 1 is resolved by the engine (0 here)
  readonly signed: boolean;
  readonly type: Type;
}

/** A user variable. `id` is what DIF instructions carry: USER_VARIABLE_BASE + n, n counted per scope. */
export interface UserVariable {
  readonly id: number;
  readonly name: string;
  readonly scope: 'global' | 'thread' | 'clause';
  readonly keys: readonly ValueShape[] | undefined; // set for associative arrays
  readonly value: ValueShape;
}

export interface Aggregation {
  readonly id: number; // index in Program.aggregations; order of first appearance
  readonly name: string; // without the @; '_' for the anonymous one
  readonly func: AggFuncName;
  readonly keys: readonly ValueShape[];
  readonly value: ValueShape; // shape of the aggregated expression; for count an int64
  readonly params: AggregationParams;
}

/** Constants of lquantize and llquantize. */
export type AggregationParams =
  | { readonly kind: 'none' }
  | { readonly kind: 'lquantize'; readonly base: number; readonly step: number; readonly levels: number }
  | {
      readonly kind: 'llquantize';
      readonly factor: number;
      readonly low: number;
      readonly high: number;
      readonly steps: number;
    };

/** `provider:module:function:name` as written, missing fields ''. `id` for a numeric specifier. */
export interface ProbePattern {
  readonly provider: string;
  readonly module: string;
  readonly function: string;
  readonly name: string;
  readonly id: number | undefined;
  /** As messages show it: the canonical four-field text. */
  readonly text: string;
}

/** A value in a record: at `offset` of the payload, `shape` big. */
export interface RecordField {
  readonly offset: number;
  readonly shape: ValueShape;
  readonly sizeBytes: number; // bytes taken, strings resolved with strsize
}

/** An expression and where its value goes. */
export interface RecordedValue {
  readonly difo: Difo;
  readonly field: RecordField;
}

/** The stack of the firing, `frames` deep, and where it goes: the engine fills the field in, without code. */
export interface RecordedStack {
  readonly kind: 'stack' | 'ustack' | 'jstack';
  readonly frames: number;
  readonly field: RecordField;
}

/** An argument of printf() and its kin. */
export type FormattedValue = RecordedValue | RecordedStack;

/**
 * One step of a clause. `number` is dtrace's action number (1-based; 0 is the predicate); an action with several
 * expressions takes consecutive numbers, one per expression, in order.
 */
export type Action = { readonly number: number } & (
  | { readonly kind: 'expression'; readonly difo: Difo } // evaluated for its effect
  | { readonly kind: 'branch'; readonly difo: Difo; readonly whenFalse: number } // index in `actions` to go on at; forward
  | { readonly kind: 'jump'; readonly to: number } // forward
  | { readonly kind: 'trace'; readonly value: RecordedValue }
  // `pointer`: print() was given a pointer; payload offset of its 8 bytes, never 0. The value is what it points to.
  | { readonly kind: 'print'; readonly value: RecordedValue; readonly pointer?: number }
  | { readonly kind: 'tracemem'; readonly value: RecordedValue; readonly size: RecordedValue | undefined }
  | { readonly kind: 'registers'; readonly field: RecordField } // print(regs); inspected.ts
  | { readonly kind: 'disasm'; readonly value: RecordedValue; readonly count: number } // instructions; inspected.ts
  | {
      readonly kind: 'printf' | 'system' | 'freopen';
      readonly format: PrintfFormat;
      readonly values: readonly FormattedValue[];
    }
  | {
      readonly kind: 'printa';
      readonly format: PrintfFormat | undefined;
      readonly aggregations: readonly number[];
    }
  | {
      readonly kind: 'aggregate';
      readonly aggregation: number;
      readonly keys: readonly AggregationKey[];
      readonly value: Difo | undefined; // absent for count()
      readonly increment: Difo | undefined;
    }
  | RecordedStack
  | { readonly kind: 'exit'; readonly value: RecordedValue }
  | { readonly kind: 'speculate' | 'commit' | 'discard'; readonly difo: Difo }
  | { readonly kind: 'clear' | 'denormalize'; readonly aggregation: number }
  | {
      readonly kind: 'trunc' | 'normalize';
      readonly aggregation: number;
      readonly value: RecordedValue | undefined;
    }
  | { readonly kind: 'setopt'; readonly name: Uint8Array; readonly value: Uint8Array | undefined }
  | { readonly kind: 'ftruncate' | 'stop' | 'breakpoint' | 'panic' | 'pcap' }
  | { readonly kind: 'raise' | 'chill'; readonly difo: Difo }
);
export type ActionKind = Action['kind'];

/** A key of an aggregation: an expression, or the stack of the firing. */
export type AggregationKey =
  | { readonly kind: 'value'; readonly difo: Difo }
  | { readonly kind: 'stack' | 'ustack' | 'jstack'; readonly frames: number };

/**
 * Payload of a clause's records. When the clause has branches, `taken` is the payload offset of a bitmap with one
 * bit per action index (bit i of byte i>>3), set when the action ran; otherwise every action ran.
 */
export interface RecordLayout {
  readonly payloadBytes: number; // a multiple of 8
  readonly taken: number | undefined;
}

export interface Clause {
  readonly index: number; // in Program.clauses
  readonly patterns: readonly ProbePattern[];
  readonly predicate: Difo | undefined;
  readonly actions: readonly Action[];
  readonly layout: RecordLayout;
  /** Whether a firing leaves a record (and so prints a row): an empty body does, data statements alone do not. */
  readonly records: boolean;
  readonly line: number; // 1-based line of the first probe description, for -v and messages
  /** It reads the guest's memory, so a live guest must be stopped where it fires. */
  readonly readsMemory?: boolean;
}

export interface Program {
  readonly name: string; // script path or command-line text
  readonly clauses: readonly Clause[];
  readonly variables: readonly UserVariable[];
  readonly aggregations: readonly Aggregation[];
  readonly needs: SourceNeeds;
  /** Names of destructive actions and subroutines used, in order of appearance; non-empty needs -w. */
  readonly destructive: readonly (ActionName | SubrName)[];
  readonly strsize: number; // the strsize that record fields were laid out with
  /** Least stability of the names that its statements use, name/data/class (d-language.md 13.1), for -v. */
  readonly stability?: string;
}
