/**
 * C's %e %f %g for the floating-point values that D can read and print but not compute with.
 */
import type { Conversion } from '../dif/printf-format.ts';
import { resolve } from '../types/relations.ts';
import type { Type } from '../types/type.ts';
import type { Layout } from './printf-layout.ts';
import type { Field } from './values.ts';

const DEFAULT_PRECISION = 6;
/** More digits than any double has; toFixed and toExponential take at most 100. */
const MAX_PRECISION = 100;
const LONG_DOUBLE_BYTES = 16;
/** Bias of an x86 long double's exponent, and the weight of its explicit 64-bit fraction. */
const LONG_DOUBLE_BIAS = 16383 + 63;

/** Width is left to the caller. */
export function floatText(conversion: Conversion, layout: Layout, field: Field): string {
  const value = readFloat(field);
  const letter = conversion.letters.at(-1) ?? 'f';
  const precision = Math.min(layout.precision ?? DEFAULT_PRECISION, MAX_PRECISION);
  const magnitude = Math.abs(value);
  const digits = Number.isFinite(value)
    ? convert(letter.toLowerCase(), magnitude, precision)
    : special(magnitude);
  const isNegative = value < 0 || Object.is(value, -0);
  const sign = isNegative ? '-' : conversion.flags.plus ? '+' : conversion.flags.space ? ' ' : '';
  const padded =
    conversion.flags.zero && Number.isFinite(value)
      ? digits.padStart(layout.width - sign.length, '0')
      : digits;
  return letter === letter.toUpperCase() ? (sign + padded).toUpperCase() : sign + padded;
}

function special(magnitude: number): string {
  return Number.isNaN(magnitude) ? 'nan' : 'inf';
}

function convert(letter: string, magnitude: number, precision: number): string {
  if (letter === 'e') return exponential(magnitude, precision);
  if (letter === 'f') return fixed(magnitude, precision);
  const exponent = magnitude === 0 ? 0 : Number(magnitude.toExponential(precision - 1).split('e')[1]);
  return exponent < -4 || exponent >= precision
    ? withoutTrailingZeros(exponential(magnitude, precision - 1))
    : withoutTrailingZeros(fixed(magnitude, precision - 1 - exponent));
}

/** toFixed switches to exponents at 1e21; from 2^53 on a double is an integer, which BigInt prints whole. */
function fixed(magnitude: number, precision: number): string {
  if (magnitude < Number.MAX_SAFE_INTEGER) return magnitude.toFixed(precision);
  return BigInt(magnitude).toString() + (precision > 0 ? `.${'0'.repeat(precision)}` : '');
}

/** C writes at least two digits of exponent. */
function exponential(magnitude: number, precision: number): string {
  const [mantissa, exponent = '+0'] = magnitude.toExponential(precision).split('e');
  return `${mantissa}e${exponent[0]}${exponent.slice(1).padStart(2, '0')}`;
}

function withoutTrailingZeros(text: string): string {
  const [mantissa = '', exponent] = text.split('e');
  const short = mantissa.includes('.') ? mantissa.replace(/\.?0+$/, '') : mantissa;
  return exponent === undefined ? short : `${short}e${exponent}`;
}

/** The float of a field; an integer field of the size of a float type holds its bits. */
export function readFloat(field: Field): number {
  const size = Math.min(field.shape.sizeBytes, field.sizeBytes);
  const view = new DataView(field.memory.memory.buffer);
  if (!isFloat(field.shape.type)) return 0;
  if (size === 4) return view.getFloat32(field.offset, true);
  if (size === 8) return view.getFloat64(field.offset, true);
  return size === LONG_DOUBLE_BYTES ? readLongDouble(view, field.offset) : 0;
}

function readLongDouble(view: DataView, offset: number): number {
  const fraction = Number(view.getBigUint64(offset, true));
  const head = view.getUint16(offset + 8, true);
  const exponent = (head & 0x7fff) - LONG_DOUBLE_BIAS;
  return (head & 0x8000 ? -1 : 1) * fraction * 2 ** exponent;
}

export function isFloat(type: Type): boolean {
  return resolve(type).kind === 'float';
}
