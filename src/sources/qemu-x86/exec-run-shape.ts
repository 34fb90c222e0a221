/**
 * The shape of a log's records of `-d exec` (exec.ts): how many digits each field has. It is that of the QEMU and the host
 * that wrote the log, so all records have it, and the fields' places follow from it.
 */
import { hexRun } from './hex.ts';

/** How the records of a log look. */
export interface ExecShape {
  readonly pointerDigits: number;
  readonly csDigits: number;
  readonly pcDigits: number;
  readonly flagsPrefix: number; // 2 when they begin with 0x
  readonly flagsDigits: number;
  readonly closing: number; // the byte behind the flags
}

export const TRACE_BYTES = 'Trace '.length;
export const SLASH = 0x2f;
const CLOSING = 0x5d;

const isHex16 = (digits: number): boolean => digits >= 1 && digits <= 16;

/** The shape of the record whose line is [at, end), when the loop can take such records. */
export function execShape(u8: Uint8Array, at: number, end: number): ExecShape | undefined {
  let p = at + TRACE_BYTES;
  while (u8[p]! >= 48 && u8[p]! <= 57) p++;
  if (p - at - TRACE_BYTES < 1 || p - at - TRACE_BYTES > 2 || !isText(u8, p, ': 0x')) return undefined;
  const pointerDigits = hexRun(u8, p + 4, end);
  p += 4 + pointerDigits;
  if (!isHex16(pointerDigits) || !isText(u8, p, ' [')) return undefined;
  const csDigits = hexRun(u8, p + 2, end);
  p += 2 + csDigits;
  if (!isHex16(csDigits) || u8[p] !== SLASH) return undefined;
  const pcDigits = hexRun(u8, p + 1, end);
  p += 1 + pcDigits;
  if (!isHex16(pcDigits) || u8[p] !== SLASH) return undefined;
  const flagsPrefix = isText(u8, p + 1, '0x') ? 2 : 0;
  p += 1 + flagsPrefix;
  const flagsDigits = hexRun(u8, p, end);
  const closing = u8[p + flagsDigits]!;
  if (flagsDigits < 1 || flagsDigits > 8 || (closing !== SLASH && closing !== CLOSING)) return undefined;
  return { pointerDigits, csDigits, pcDigits, flagsPrefix, flagsDigits, closing };
}

function isText(u8: Uint8Array, at: number, text: string): boolean {
  for (let i = 0; i < text.length; i++) if (u8[at + i] !== text.charCodeAt(i)) return false;
  return true;
}

/** Where the fields are, from q, the colon behind the CPU's number. */
export function offsetsOf(shape: ExecShape) {
  const csAt = 6 + shape.pointerDigits;
  const pcAt = csAt + shape.csDigits + 1;
  const flagsAt = pcAt + shape.pcDigits + 1;
  const flagsEnd = flagsAt + shape.flagsPrefix + shape.flagsDigits;
  return { pointerAt: 4, csAt, pcAt, flagsAt, flagsEnd, tailAt: flagsEnd + 1 };
}
