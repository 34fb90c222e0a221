/**
 * The constants of lquantize() and llquantize(): checked once, and against every later use (d-language.md 7.2, 7.3).
 * Messages count the arguments after the value, so the base of lquantize is #1.
 */
import type { Tag } from '../diag/tags.ts';
import type { AggFuncName } from '../dif/aggregating-functions.ts';
import type { AggregationParams } from '../dif/program.ts';
import type { Expr } from '../syntax/ast.ts';
import { type Env, fail } from './env.ts';
import type { KnownAggregation } from './scope.ts';
import { constantOf } from './type-names.ts';

type CallNode = Extract<Expr, { readonly kind: 'call' }>;

export interface QuantizeParameters {
  readonly params: AggregationParams;
  readonly limit: number | undefined; // lquantize's, as written
}

const MAX_UINT16 = 0xffff;
const MIN_INT32 = -0x80000000n;
const MAX_INT32 = 0x7fffffffn;
const MAX_UINT64 = 1n << 64n;

/** The constants of the call; undefined when they are in error. Other functions have none. */
export function quantizeParameters(
  env: Env,
  func: AggFuncName,
  node: CallNode,
  known: KnownAggregation | undefined,
): QuantizeParameters | undefined {
  if (func === 'lquantize') return linear(env, node, known);
  if (func === 'llquantize') return logLinear(env, node, known);
  return { params: { kind: 'none' }, limit: undefined };
}

// ---------------------------------------------------------------------------------------------- lquantize

function linear(
  env: Env,
  node: CallNode,
  known: KnownAggregation | undefined,
): QuantizeParameters | undefined {
  const [, baseNode, limitNode, stepNode] = node.arguments;
  const base = int32(env, baseNode!, 'D_LQUANT_BASETYPE', 'D_LQUANT_BASEVAL');
  const limit = int32(env, limitNode!, 'D_LQUANT_LIMTYPE', 'D_LQUANT_LIMVAL');
  const step = stepNode === undefined ? 1 : stepOf(env, stepNode);
  if (base === undefined || limit === undefined || step === undefined) return undefined;
  const levels = Math.trunc((limit - base) / step);
  const refusal: Tag | undefined =
    limit < base
      ? 'D_LQUANT_MISMATCH'
      : levels < 1
        ? 'D_LQUANT_STEPLARGE'
        : levels > MAX_UINT16
          ? 'D_LQUANT_STEPSMALL'
          : undefined;
  if (refusal !== undefined) {
    fail(env, refusal, node.span);
    return undefined;
  }
  if (known && !sameLinear(env, node, known, { base, limit, step })) return undefined;
  return { params: { kind: 'lquantize', base, step, levels }, limit };
}

function int32(env: Env, expr: Expr, typeTag: Tag, rangeTag: Tag): number | undefined {
  const value = constantOf(env, expr);
  if (value !== undefined && value >= MIN_INT32 && value <= MAX_INT32) return Number(value);
  fail(env, value === undefined ? typeTag : rangeTag, expr.span);
  return undefined;
}

function stepOf(env: Env, expr: Expr): number | undefined {
  const value = constantOf(env, expr);
  if (value !== undefined && value >= 1n && value <= MAX_UINT16) return Number(value);
  const isTooLarge = value !== undefined && value > MAX_UINT16;
  fail(env, isTooLarge ? 'D_LQUANT_STEPVAL' : 'D_LQUANT_STEPTYPE', expr.span);
  return undefined;
}

function sameLinear(
  env: Env,
  node: CallNode,
  known: KnownAggregation,
  found: { readonly base: number; readonly limit: number; readonly step: number },
): boolean {
  const { params } = known.typed;
  if (params.kind !== 'lquantize') return true;
  const rows: readonly (readonly [Tag, number, number])[] = [
    ['D_LQUANT_MATCHBASE', params.base, found.base],
    ['D_LQUANT_MATCHLIM', known.limit ?? 0, found.limit],
    ['D_LQUANT_MATCHSTEP', params.step, found.step],
  ];
  return matches(env, node, known, rows);
}

function matches(
  env: Env,
  node: CallNode,
  known: KnownAggregation,
  rows: readonly (readonly [tag: Tag, expected: number, found: number, prefix?: string])[],
): boolean {
  for (const [tag, expected, found, prefix] of rows) {
    if (expected === found) continue;
    const message = `${prefix ?? ''} doesn't match previous declaration: expected ${expected}, found ${found}`;
    const notes = [{ message: 'first assigned here', span: known.span }];
    fail(env, tag, node.span, { expected, found, message }, { notes });
    return false;
  }
  return true;
}

// ---------------------------------------------------------------------------------------------- llquantize

const LOG_LINEAR = [
  { tag: 'FACTOR', name: 'factor' },
  { tag: 'LOW', name: 'low magnitude' },
  { tag: 'HIGH', name: 'high magnitude' },
  { tag: 'NSTEP', name: 'linear steps per magnitude' },
] as const;

function logLinear(
  env: Env,
  node: CallNode,
  known: KnownAggregation | undefined,
): QuantizeParameters | undefined {
  const values: number[] = [];
  for (const [i, row] of LOG_LINEAR.entries()) {
    const expr = node.arguments[i + 1]!;
    const value = constantOf(env, expr);
    if (value === undefined || value < 0n || value > MAX_UINT16) {
      const isType = value === undefined;
      const what = isType ? 'an integer constant' : 'an unsigned 16-bit quantity';
      const message = `llquantize( ) argument #${i + 1} (${row.name}) must be ${what}`;
      fail(env, `D_LLQUANT_${row.tag}${isType ? 'TYPE' : 'VAL'}`, expr.span, { message });
      return undefined;
    }
    values.push(Number(value));
  }
  const [factor, low, high, steps] = values as [number, number, number, number];
  if (!isLogLinear(env, node, factor, low, high, steps)) return undefined;
  if (known?.typed.params.kind === 'llquantize') {
    const { params } = known.typed;
    const before = [params.factor, params.low, params.high, params.steps];
    const rows = LOG_LINEAR.map(
      (row, i) =>
        [
          `D_LLQUANT_${row.tag}MATCH`,
          before[i]!,
          values[i]!,
          `llquantize( ) ${row.name} (argument #${i + 1})`,
        ] as const,
    );
    if (!matches(env, node, known, rows)) return undefined;
  }
  return { params: { kind: 'llquantize', factor, low, high, steps }, limit: undefined };
}

function isLogLinear(
  env: Env,
  node: CallNode,
  factor: number,
  low: number,
  high: number,
  steps: number,
): boolean {
  const refusal: Tag | undefined =
    factor < 2
      ? 'D_LLQUANT_FACTORSMALL'
      : low >= high
        ? 'D_LLQUANT_MAGRANGE'
        : steps < factor && (steps === 0 || factor % steps !== 0)
          ? 'D_LLQUANT_FACTORNSTEPS'
          : steps >= factor && !isEven(factor, steps)
            ? 'D_LLQUANT_FACTOREVEN'
            : BigInt(factor) ** BigInt(Math.min(high + 1, 64)) >= MAX_UINT64
              ? 'D_LLQUANT_MAGTOOBIG'
              : undefined;
  if (refusal === undefined) return true;
  fail(env, refusal, node.span, { factor, high });
  return false;
}

/** The factor divides the steps, and the steps divide the first power of the factor that reaches them. */
function isEven(factor: number, steps: number): boolean {
  if (steps % factor !== 0) return false;
  let power = BigInt(factor);
  while (power < BigInt(steps)) power *= BigInt(factor);
  return power % BigInt(steps) === 0n;
}
