/** Storing a 64-bit value at its declared width: cut to the low bits and extend them back by signedness. */
import type { ValueShape } from '../dif/program.ts';

export const NARROW = { none: 0, s8: 1, u8: 2, s16: 3, u16: 4, s32: 5, u32: 6 } as const;

/** The code of NARROW for values of that shape. */
export function narrowingOf(shape: ValueShape): number {
  if (shape.kind !== 'int') return NARROW.none;
  switch (shape.sizeBytes) {
    case 1:
      return shape.signed ? NARROW.s8 : NARROW.u8;
    case 2:
      return shape.signed ? NARROW.s16 : NARROW.u16;
    case 4:
      return shape.signed ? NARROW.s32 : NARROW.u32;
    default:
      return NARROW.none;
  }
}

/** Copy the 64-bit value at word index `from` to `to`, narrowed. Indices count 32-bit words. */
export function copyNarrowed(i32: Int32Array, to: number, from: number, narrowing: number): void {
  let low = i32[from]!;
  switch (narrowing) {
    case NARROW.none:
      i32[to] = low;
      i32[to + 1] = i32[from + 1]!;
      return;
    case NARROW.s8:
      low = (low << 24) >> 24;
      break;
    case NARROW.u8:
      low &= 0xff;
      break;
    case NARROW.s16:
      low = (low << 16) >> 16;
      break;
    case NARROW.u16:
      low &= 0xffff;
      break;
    default:
      break;
  }
  i32[to] = low;
  i32[to + 1] = narrowing === NARROW.u32 ? 0 : low >> 31;
}
