/**
 * D types as values. The type table (types/table.ts) makes and interns them; the checker asks about them;
 * records carry them to the consumer so that `print()` and `trace()` can render by type.
 *
 * Sizes are bytes (LP64: int 4, long 8, pointer 8). Struct layout follows the System V x86-64 ABI.
 */

export interface IntType {
  readonly kind: 'int';
  readonly name: string; // as the user writes it: 'unsigned long'
  readonly sizeBytes: 1 | 2 | 4 | 8;
  readonly signed: boolean;
}

/** `float`, `double`, `long double`: readable and printable, no arithmetic. */
export interface FloatType {
  readonly kind: 'float';
  readonly name: string;
  readonly sizeBytes: 4 | 8 | 16;
}

export interface PointerType {
  readonly kind: 'pointer';
  readonly to: Type;
}

export interface ArrayType {
  readonly kind: 'array';
  readonly of: Type;
  readonly count: number;
}

export interface Member {
  readonly name: string;
  readonly type: Type;
  readonly offsetBits: number; // from the start of the struct
  readonly bitWidth: number | undefined; // set for bit-fields
}

/** A struct or union. A forward tag has `members` undefined until the definition fills it in. */
export interface RecordType {
  readonly kind: 'struct' | 'union';
  readonly tag: string; // '' for an unnamed type
  members: readonly Member[] | undefined;
  sizeBytes: number;
  alignBytes: number;
}

export interface EnumType {
  readonly kind: 'enum';
  readonly tag: string;
  /** The integer it is stored as; absent for int, as all enums of programs are. */
  readonly base?: IntType;
  enumerators: readonly { readonly name: string; readonly value: number }[] | undefined;
}

export interface TypedefType {
  readonly kind: 'typedef';
  readonly name: string;
  readonly to: Type;
}

export interface QualifiedType {
  readonly kind: 'qualified';
  readonly qualifiers: readonly ('const' | 'volatile' | 'restrict')[];
  readonly to: Type;
}

export interface FunctionType {
  readonly kind: 'function';
  readonly returns: Type;
  readonly parameters: readonly Type[];
  readonly variadic: boolean;
}

/**
 * Types that exist only in D. `stack`, `symaddr`, `usymaddr` are results of the actions of those names;
 * `dynamic` is the type of aggregations, translated objects and other things that have no value;
 * `error` is the type of an expression already reported: it fits everything and is never reported again.
 */
export interface SpecialType {
  readonly kind: 'void' | 'string' | 'stack' | 'symaddr' | 'usymaddr' | 'dynamic' | 'error';
  /** Of dynamic: what the thing is, as messages say it. */
  readonly of?: string;
  /** Of symaddr and usymaddr: which action made it, so how it is shown; absent means as sym() or usym(). */
  readonly shows?: 'sym' | 'func' | 'mod' | 'usym' | 'ufunc' | 'umod' | 'uaddr';
}

export type Type =
  | IntType
  | FloatType
  | PointerType
  | ArrayType
  | RecordType
  | EnumType
  | TypedefType
  | QualifiedType
  | FunctionType
  | SpecialType;
