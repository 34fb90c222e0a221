/**
 * The geometry of aggregation values: how many words each function keeps, and what each bucket of the three
 * histogram functions stands for. The engine chooses buckets by it, the consumer renders from it.
 *
 * Buckets are indexed from the lowest values to the highest. A bucket holds the values from its `low` up to the next
 * bucket's `low`, except below zero in quantize and llquantize, which mirror the positive side: there a bucket holds
 * the magnitudes from |low| up to the next larger |low|.
 *
 *   quantize     [-2^62 … -2 -1 | 0 | 1 2 4 … 2^62]                        127 buckets
 *   lquantize    [< base | base, base+step, … | >= base+step*levels]       levels + 2
 *   llquantize   [<= -top … -bound1 | abs() < bound1 | bound1 … >= top]    2 * bounds + 1
 *
 * DIFFERS: llquantize has the mirrored negatives of Linux's DTrace and not illumos' single `< low` bucket.
 */
import { bug } from '../base/assert.ts';
import { type AggFuncName, QUANTIZE_BUCKETS, QUANTIZE_ZERO_BUCKET } from './aggregating-functions.ts';
import type { AggregationParams } from './program.ts';

type LquantizeParams = Extract<AggregationParams, { kind: 'lquantize' }>;
type LlquantizeParams = Extract<AggregationParams, { kind: 'llquantize' }>;

/**
 * One bucket of a histogram.
 *   below   values under the first level; `low` is that level          `< low`
 *   most-negative  magnitudes from |low| up, negative                  `<= low`
 *   near-zero      magnitudes under `low`                              `abs() < low`
 *   at      ordinary                                                   `low`
 *   above   `low` and everything over it                               `>= low`
 */
export interface Bucket {
  readonly kind: 'below' | 'most-negative' | 'near-zero' | 'at' | 'above';
  readonly low: bigint;
}

/** 64-bit words of one entry's value (layouts: aggregating-functions.ts). */
export function valueWords(func: AggFuncName, params: AggregationParams): number {
  switch (func) {
    case 'avg':
      return 2;
    case 'stddev':
      return 4;
    case 'quantize':
    case 'lquantize':
    case 'llquantize':
      return bucketCount(func, params);
    default:
      return 1;
  }
}

export type HistogramName = 'quantize' | 'lquantize' | 'llquantize';

function bucketCount(func: HistogramName, params: AggregationParams): number {
  if (func === 'quantize') return QUANTIZE_BUCKETS;
  if (params.kind === 'lquantize') return params.levels + 2;
  if (params.kind === 'llquantize') return 2 * llquantizeBounds(params).length + 1;
  return bug('dif', `${func} without parameters`);
}

/** Every bucket of a histogram, lowest first. */
export function buckets(func: HistogramName, params: AggregationParams): readonly Bucket[] {
  if (func === 'quantize') return quantizeBuckets();
  if (params.kind === 'lquantize') return lquantizeBuckets(params);
  if (params.kind === 'llquantize') return llquantizeBuckets(params);
  return bug('dif', `${func} without parameters`);
}

/** The bucket's name as a histogram shows it, not padded. */
export function bucketLabel(bucket: Bucket): string {
  switch (bucket.kind) {
    case 'below':
      return `< ${bucket.low}`;
    case 'most-negative':
      return `<= ${bucket.low}`;
    case 'near-zero':
      return `abs() < ${bucket.low}`;
    case 'above':
      return `>= ${bucket.low}`;
    case 'at':
      return `${bucket.low}`;
  }
}

/** The value that stands for a bucket when histograms are ordered by sum of value × count (d-language.md 7.5). */
export function bucketWeight(bucket: Bucket, func: HistogramName): bigint {
  if (bucket.kind === 'below') return bucket.low - 1n;
  if (bucket.kind === 'near-zero') return 0n;
  return bucket.kind === 'above' && func === 'lquantize' ? bucket.low + 1n : bucket.low;
}

/** Made when it is first asked for. */
let quantizeTable: readonly Bucket[] | undefined;

function quantizeBuckets(): readonly Bucket[] {
  quantizeTable ??= Array.from({ length: QUANTIZE_BUCKETS }, (_, index) => ({
    kind: 'at',
    low: quantizeLow(index),
  }));
  return quantizeTable;
}

function quantizeLow(index: number): bigint {
  const distance = BigInt(index - QUANTIZE_ZERO_BUCKET);
  if (distance === 0n) return 0n;
  return distance > 0n ? 1n << (distance - 1n) : -(1n << (-distance - 1n));
}

/** Index of the quantize bucket of a 64-bit value given as halves. INT64_MIN counts in the lowest bucket. */
export function quantizeIndex(high: number, low: number): number {
  if (high >= 0) return QUANTIZE_ZERO_BUCKET + bitLength(high, low);
  const negatedLow = -low | 0;
  const negatedHigh = (~high + (low === 0 ? 1 : 0)) | 0;
  return Math.max(0, QUANTIZE_ZERO_BUCKET - bitLength(negatedHigh, negatedLow));
}

function bitLength(high: number, low: number): number {
  return high !== 0 ? 64 - Math.clz32(high) : 32 - Math.clz32(low);
}

function lquantizeBuckets({ base, step, levels }: LquantizeParams): readonly Bucket[] {
  const rows: Bucket[] = [{ kind: 'below', low: BigInt(base) }];
  for (let level = 0; level < levels; level++) rows.push({ kind: 'at', low: BigInt(base + level * step) });
  rows.push({ kind: 'above', low: BigInt(base + levels * step) });
  return rows;
}

/**
 * Index of the lquantize bucket. Halves make a double that is exact wherever a bucket boundary can lie (bases are
 * 32-bit, spans under 2^48) and certainly outside elsewhere.
 */
export function lquantizeIndex(high: number, low: number, { base, step, levels }: LquantizeParams): number {
  const distance = high * 4294967296 + (low >>> 0) - base;
  if (distance < 0) return 0;
  const level = Math.floor(distance / step);
  return level < levels ? level + 1 : levels + 1;
}

/**
 * Lower bounds of the positive llquantize buckets, rising; the last is the overflow bound factor^(high+1).
 * Each order of magnitude from factor^o to factor^(o+1) is cut into `steps` equal parts (fewer where it has fewer
 * integers), of which those below factor^o belong to the order before.
 */
export function llquantizeBounds({ factor, low, high, steps }: LlquantizeParams): readonly bigint[] {
  const bounds: bigint[] = [];
  const f = BigInt(factor);
  const n = BigInt(steps);
  let first = f ** BigInt(low);
  for (let order = low; order <= high; order++) {
    const next = first * f;
    const parts = next < n ? next : n;
    const width = next / parts;
    const skipped = first / width;
    const count = parts - parts / f;
    bounds.push(first);
    for (let part = 1n; part < count; part++) bounds.push((skipped + part) * width);
    first = next;
  }
  bounds.push(first);
  return bounds;
}

function llquantizeBuckets(params: LlquantizeParams): readonly Bucket[] {
  const bounds = llquantizeBounds(params);
  const top = bounds.length - 1;
  const positive = bounds.map((low, i): Bucket => ({ kind: i === top ? 'above' : 'at', low }));
  const negative = bounds.map((low, i): Bucket => ({ kind: i === top ? 'most-negative' : 'at', low: -low }));
  return [...negative.reverse(), { kind: 'near-zero', low: bounds[0]! }, ...positive];
}
