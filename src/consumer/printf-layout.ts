/**
 * Where a conversion's content stands in its field: width, precision and side, some of them from arguments.
 */
import type { Conversion } from '../dif/printf-format.ts';
import type { Integer } from './values.ts';

/** Width and precision as they came out of the format and its arguments. */
export interface Layout {
  width: number;
  precision: number | undefined;
  left: boolean;
}

/** Digits of a pointer: the width that the flag `?` asks for. */
const POINTER_DIGITS = 16;
/** Widths from arguments are cut to what the format parser accepts from literals. */
const MAX_FIELD = 1 << 20;
/** Width, precision and side; `next` delivers the arguments that stars take. */
export function layoutOf(conversion: Conversion, next: () => Integer): Layout {
  const { flags } = conversion;
  const layout: Layout = { width: 0, precision: undefined, left: flags.left };
  const width = conversion.width === 'argument' ? bounded(next()) : conversion.width;
  if (width !== undefined) {
    layout.width = Math.abs(width);
    layout.left ||= width < 0; // a negative width from an argument justifies to the left
  } else if (flags.pointerWidth) {
    layout.width = POINTER_DIGITS;
  }
  const precision = conversion.precision === 'argument' ? bounded(next()) : conversion.precision;
  // Neither 0 nor a negative precision limits anything.
  if (precision !== undefined && precision > 0) layout.precision = precision;
  return layout;
}

function bounded(value: Integer): number {
  return Math.max(-MAX_FIELD, Math.min(MAX_FIELD, Number(value)));
}
