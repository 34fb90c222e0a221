/** Short spellings of typed trees, for tests of the code generator that need no parser. */
import type {
  CallArgument,
  MemoryPlace,
  Place,
  TypedClause,
  TypedExpr,
  TypedProgram,
  TypedStatement,
} from '../../src/check/typed.ts';
import { type Span, sourceText } from '../../src/diag/span.ts';
import type { UserVariable, ValueShape } from '../../src/dif/program.ts';
import { plainShape } from '../../src/dif/shape-text.ts';
import type { SubrName } from '../../src/dif/subroutines.ts';

type Kind<K extends TypedExpr['kind']> = Extract<TypedExpr, { kind: K }>;

export const SPAN: Span = { text: sourceText('string', 'test', 'test'), start: 0, end: 4 };
export const INT64 = plainShape('int', 8, true);
export const INT32 = plainShape('int', 4, true);
export const UINT8 = plainShape('int', 1, false);
export const STRING = plainShape('string', 0, false);
const AT = { span: SPAN, type: INT64.type };

export const int = (value: bigint): TypedExpr => ({
  kind: 'integer',
  value: BigInt.asIntN(64, value),
  ...AT,
});
export const str = (text: string): TypedExpr => ({
  kind: 'string',
  bytes: new TextEncoder().encode(text),
  span: SPAN,
  type: STRING.type,
});
export const load = (place: Place): TypedExpr => ({ kind: 'load', place, ...AT });
export const assign = (place: Place, value: TypedExpr): TypedExpr => ({
  kind: 'assign',
  place,
  value,
  ...AT,
});
export const update = (
  place: Place,
  operator: Kind<'update'>['operator'],
  operand: TypedExpr,
  returns: 'old' | 'new' = 'new',
): TypedExpr => ({ kind: 'update', place, operator, operand, returns, ...AT });
export const unary = (kind: 'negate' | 'complement' | 'not', operand: TypedExpr): TypedExpr => ({
  kind,
  operand,
  ...AT,
});
export const arithmetic = (
  operator: Kind<'arithmetic'>['operator'],
  left: TypedExpr,
  right: TypedExpr,
): TypedExpr => ({
  kind: 'arithmetic',
  operator,
  left,
  right,
  ...AT,
});
export const compare = (
  relation: Kind<'compare'>['relation'],
  as: Kind<'compare'>['as'],
  left: TypedExpr,
  right: TypedExpr,
): TypedExpr => ({ kind: 'compare', relation, as, left, right, ...AT });
export const logical = (operator: '&&' | '||' | '^^', left: TypedExpr, right: TypedExpr): TypedExpr => ({
  kind: 'logical',
  operator,
  left,
  right,
  ...AT,
});
export const conditional = (condition: TypedExpr, then: TypedExpr, otherwise: TypedExpr): TypedExpr => ({
  kind: 'conditional',
  condition,
  then,
  otherwise,
  ...AT,
});
export const comma = (left: TypedExpr, right: TypedExpr): TypedExpr => ({
  kind: 'comma',
  left,
  right,
  ...AT,
});
export const narrow = (operand: TypedExpr, sizeBytes: 1 | 2 | 4, signed: boolean): TypedExpr => ({
  kind: 'narrow',
  operand,
  sizeBytes,
  signed,
  ...AT,
});
export const call = (subr: SubrName, ...args: readonly CallArgument[]): TypedExpr => ({
  kind: 'call',
  subr,
  args,
  ...AT,
});
export const byValue = (expr: TypedExpr): CallArgument => ({ expr, byReference: false });
export const byReference = (expr: TypedExpr): CallArgument => ({ expr, byReference: true });

export function variable(
  name: string,
  number: number,
  value: ValueShape = INT64,
  scope: UserVariable['scope'] = 'global',
  keys?: readonly ValueShape[],
): UserVariable {
  return { id: 0x500 + number, name, scope, keys, value };
}

export const scalar = (row: UserVariable): Place => ({ kind: 'variable', variable: row });
export const element = (row: UserVariable, ...keys: readonly CallArgument[]): Place => ({
  kind: 'element',
  variable: row,
  keys,
});
export const builtin = (id: number, index?: TypedExpr, shape: ValueShape = INT64): Place => ({
  kind: 'builtin',
  id,
  index,
  shape,
});
export const memory = (
  address: TypedExpr,
  shape: ValueShape,
  more: Partial<Pick<MemoryPlace, 'bits' | 'within'>> = {},
): MemoryPlace => ({ kind: 'memory', address, shape, bits: undefined, within: undefined, ...more });

export const statement = (expr: TypedExpr): TypedStatement => ({ kind: 'expression', expr });
export const trace = (expr: TypedExpr, shape: ValueShape = INT64): TypedStatement => ({
  kind: 'trace',
  expr,
  shape,
});

export function clause(body: readonly TypedStatement[], more: Partial<TypedClause> = {}): TypedClause {
  const pattern = {
    provider: 'dtrace',
    module: '',
    function: '',
    name: 'BEGIN',
    id: undefined,
    text: 'dtrace:::BEGIN',
  };
  return {
    span: SPAN,
    patterns: [pattern],
    predicate: undefined,
    body,
    hasStatements: body.length > 0,
    ...more,
  };
}

export function typedProgram(
  clauses: readonly TypedClause[],
  more: Partial<TypedProgram> = {},
): TypedProgram {
  const needs = {
    cpl: false,
    errcode: false,
    pc: false,
    sp: false,
    faddr: false,
    time: false,
    line: false,
    registers: false,
    args: false,
    registerColumns: [],
  };
  return {
    name: 'test',
    clauses,
    variables: [],
    aggregations: [],
    needs,
    destructive: [],
    strsize: 63,
    ...more,
  };
}
