/**
 * Aggregating functions: id (DTRACEAGG_*), how many arguments, and the shape of one entry's value in memory.
 *
 * Value layout, in 64-bit words (all little endian, 8-aligned):
 *   count sum min max   [n]
 *   avg                 [n, sum]
 *   stddev              [n, sum, sumsq low, sumsq high]          sumsq is an unsigned 128-bit integer
 *   quantize            [b0 … b126]    b63 is zero; b63+k counts 2^(k-1) ≤ v < 2^k; b63-k the negatives
 *   lquantize           [underflow, level 0 … level n-1, overflow]
 *   llquantize          negative mirror buckets first; see engine/aggregating.ts
 */
export interface AggFuncDef {
  readonly id: number;
  readonly minArgs: number;
  readonly maxArgs: number;
  readonly distribution: boolean;
  readonly doc: string;
  readonly example: string;
}

export const AGGREGATING_FUNCTIONS = {
  count: {
    id: 0x701,
    minArgs: 0,
    maxArgs: 0,
    distribution: false,
    doc: 'number of firings',
    example: '@ = count();',
  },
  min: {
    id: 0x702,
    minArgs: 1,
    maxArgs: 1,
    distribution: false,
    doc: 'smallest value, signed',
    example: '@ = min(arg0);',
  },
  max: {
    id: 0x703,
    minArgs: 1,
    maxArgs: 1,
    distribution: false,
    doc: 'largest value, signed',
    example: '@ = max(arg0);',
  },
  avg: {
    id: 0x704,
    minArgs: 1,
    maxArgs: 1,
    distribution: false,
    doc: 'integer mean',
    example: '@ = avg(arg0);',
  },
  sum: {
    id: 0x705,
    minArgs: 1,
    maxArgs: 1,
    distribution: false,
    doc: 'sum, wrapping at 64 bits',
    example: '@ = sum(arg0);',
  },
  stddev: {
    id: 0x706,
    minArgs: 1,
    maxArgs: 1,
    distribution: false,
    doc: 'standard deviation, in integers',
    example: '@ = stddev(arg0);',
  },
  quantize: {
    id: 0x707,
    minArgs: 1,
    maxArgs: 2,
    distribution: true,
    doc: 'power-of-two histogram',
    example: '@ = quantize(arg0);',
  },
  lquantize: {
    id: 0x708,
    minArgs: 3,
    maxArgs: 5,
    distribution: true,
    doc: 'linear histogram: value, base, limit, step, increment',
    example: '@ = lquantize(arg0, 0, 100, 10);',
  },
  llquantize: {
    id: 0x709,
    minArgs: 5,
    maxArgs: 6,
    distribution: true,
    doc: 'log-linear histogram: value, factor, low, high, steps, increment',
    example: '@ = llquantize(arg0, 10, 0, 6, 20);',
  },
} as const satisfies Record<string, AggFuncDef>;

export type AggFuncName = keyof typeof AGGREGATING_FUNCTIONS;

/** Number of buckets of quantize: 63 negative, zero, 63 positive. */
export const QUANTIZE_BUCKETS = 127;
export const QUANTIZE_ZERO_BUCKET = 63;
