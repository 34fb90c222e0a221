/**
 * printf: one conversion of a format and the value it takes → bytes (d-language.md 8.1, 8.2).
 *
 * Formats were parsed and held against their arguments by the compile half; here nothing is refused. A value prints at
 * its own size, whatever size letters say; `%d` follows the sign of its type. A field that does not hold what the
 * conversion wants (which a checked program cannot have) prints as 0 or as an empty text.
 */
import { assertNever } from '../base/assert.ts';
import type { Symbolizer } from '../dif/consumer-contract.ts';
import { conversionNamed, type Rendering } from '../dif/conversions.ts';
import type { Conversion } from '../dif/printf-format.ts';
import { mailTime, traceTime } from './calendar.ts';
import { floatText } from './float-text.ts';
import type { Layout } from './printf-layout.ts';
import { addressText, writeStack } from './stacks.ts';
import type { TextBuffer } from './text-buffer.ts';
import { endOfString, type Field, fieldAddress, fieldInteger, type Integer, readInteger } from './values.ts';

const BACKSLASH = 0x5c;
/** Escapes of %S and %C by byte; other bytes that are not printable become three octal digits. */
const ESCAPES: ReadonlyMap<number, string> = new Map([
  [0x00, '\\0'],
  [0x07, '\\a'],
  [0x08, '\\b'],
  [0x0c, '\\f'],
  [0x0a, '\\n'],
  [0x0d, '\\r'],
  [0x09, '\\t'],
  [0x0b, '\\v'],
  [0x22, '\\"'],
  [BACKSLASH, '\\\\'],
]);

/** Append one converted value. */
export function writeConversion(
  out: TextBuffer,
  conversion: Conversion,
  layout: Layout,
  field: Field,
  symbols: Symbolizer | undefined,
): void {
  const renders = conversionNamed(conversion.letters)?.renders ?? 'decimal';
  if (renders === 'stack') {
    if (field.shape.kind === 'stack') writeStack(out, field, symbols, layout.left ? layout.width : 0);
    return;
  }
  const mark = out.length;
  if (writeNumber(out, conversion, renders, layout, field)) return;
  writeText(out, conversion, renders, layout, field, symbols);
  justify(out, mark, layout);
}

/** Conversions of integers; false when this is none. */
function writeNumber(
  out: TextBuffer,
  conversion: Conversion,
  renders: Rendering,
  layout: Layout,
  field: Field,
): boolean {
  switch (renders) {
    case 'decimal':
      writeInteger(out, conversion, layout, fieldInteger(field, field.shape.signed), 10);
      return true;
    case 'signed':
      writeInteger(out, conversion, layout, fieldInteger(field, true), 10);
      return true;
    case 'unsigned':
      writeInteger(out, conversion, layout, fieldInteger(field, false), 10);
      return true;
    case 'octal':
      writeInteger(out, conversion, layout, fieldInteger(field, false), 8);
      return true;
    case 'hex':
    case 'upperHex':
    case 'pointer':
      writeInteger(out, conversion, layout, fieldInteger(field, false), 16);
      return true;
    default:
      return false;
  }
}

/** An integer in C's layout: sign or base prefix, zeros by precision or by the flag 0, blanks by width. */
export function writeInteger(
  out: TextBuffer,
  conversion: Conversion,
  layout: Layout,
  value: Integer,
  radix: 8 | 10 | 16,
): void {
  const { flags } = conversion;
  const mark = out.length;
  const isPlain =
    radix === 10 &&
    !(flags.zero || flags.plus || flags.space || flags.group) &&
    layout.precision === undefined;
  if (isPlain) out.decimal(value);
  else out.text(integerText(conversion, layout, value, radix));
  justify(out, mark, layout);
}

function integerText(conversion: Conversion, layout: Layout, value: Integer, radix: 8 | 10 | 16): string {
  const { flags } = conversion;
  const isNegative = value < 0;
  let digits = (isNegative ? -value : value).toString(radix);
  if (conversion.letters.endsWith('X')) digits = digits.toUpperCase();
  if (flags.group && radix === 10) digits = digits.replace(/\B(?=(\d{3})+$)/g, ',');
  if (layout.precision !== undefined) digits = digits.padStart(layout.precision, '0');
  let prefix = isNegative ? '-' : '';
  if (isSigned(conversion) && !isNegative) prefix = flags.plus ? '+' : flags.space ? ' ' : '';
  if (flags.alternate && radix === 16 && BigInt(value) !== 0n)
    prefix = conversion.letters.endsWith('X') ? '0X' : '0x';
  if (flags.alternate && radix === 8 && !digits.startsWith('0')) digits = `0${digits}`;
  if (flags.zero && !layout.left && layout.precision === undefined) {
    digits = digits.padStart(layout.width - prefix.length, '0');
  }
  return prefix + digits;
}

/** Whether the flags + and blank mean anything: `%d` and `%i`. */
function isSigned(conversion: Conversion): boolean {
  return conversion.letters.endsWith('d') || conversion.letters.endsWith('i');
}

function writeText(
  out: TextBuffer,
  conversion: Conversion,
  renders: Rendering,
  layout: Layout,
  field: Field,
  symbols: Symbolizer | undefined,
): void {
  switch (renders) {
    case 'character':
      out.byte(Number(BigInt.asUintN(8, fieldAddress(field))));
      return;
    case 'escapedCharacter':
      writeEscaped(out, Number(BigInt.asUintN(8, fieldAddress(field))));
      return;
    case 'wideCharacter':
      writeWideCharacter(out, Number(BigInt.asUintN(32, fieldAddress(field))));
      return;
    case 'string':
    case 'inetAddress': // DIFFERS: an address is never resolved, so a replay prints the same on every host.
      writeString(out, field, layout.precision);
      return;
    case 'escapedString':
      writeEscapedString(out, field, layout.precision);
      return;
    case 'wideString':
      writeWideString(out, field, layout.precision);
      return;
    case 'address':
    case 'userAddress':
    case 'mailTime':
    case 'traceTime':
      out.text(wordText(renders, BigInt(fieldInteger(field, true)), symbols));
      return;
    case 'port':
      out.decimal(swapped(Number(BigInt.asUintN(16, fieldAddress(field)))));
      return;
    case 'float':
      out.text(floatText(conversion, layout, field));
      return;
    case 'decimal':
    case 'signed':
    case 'unsigned':
    case 'octal':
    case 'hex':
    case 'upperHex':
    case 'pointer':
    case 'stack':
      return; // written by the callers
    default:
      assertNever(renders, 'consumer');
  }
}

function justify(out: TextBuffer, mark: number, layout: Layout): void {
  if (layout.left) out.padRight(mark, layout.width);
  else out.padLeft(mark, layout.width);
}

/** Conversions that make words of a 64-bit integer. */
type Wording = Extract<Rendering, 'address' | 'userAddress' | 'mailTime' | 'traceTime'>;

function wordText(renders: Wording, value: bigint, symbols: Symbolizer | undefined): string {
  if (renders === 'mailTime') return mailTime(value);
  return renders === 'traceTime' ? traceTime(value) : addressText(symbols, BigInt.asUintN(64, value));
}

/** An aggregated number by the conversion that `%@` names: a number of some radix, a time or an address. */
export function writeAggregated(
  out: TextBuffer,
  conversion: Conversion,
  layout: Layout,
  value: Integer,
  symbols: Symbolizer | undefined,
): void {
  const renders = conversionNamed(conversion.letters)?.renders;
  switch (renders) {
    case 'address':
    case 'userAddress':
    case 'mailTime':
    case 'traceTime': {
      const mark = out.length;
      out.text(wordText(renders, BigInt(value), symbols));
      justify(out, mark, layout);
      return;
    }
    case 'octal':
      writeInteger(out, conversion, layout, asUnsigned(value), 8);
      return;
    case 'hex':
    case 'upperHex':
    case 'pointer':
      writeInteger(out, conversion, layout, asUnsigned(value), 16);
      return;
    default:
      writeInteger(out, conversion, layout, renders === 'unsigned' ? asUnsigned(value) : value, 10);
  }
}

function asUnsigned(value: Integer): Integer {
  return value >= 0 ? value : BigInt.asUintN(64, BigInt(value));
}

function hasBytes(field: Field): boolean {
  return field.shape.kind === 'string' || field.shape.kind === 'bytes';
}

function writeString(out: TextBuffer, field: Field, precision: number | undefined): void {
  if (!hasBytes(field)) return;
  const limit = field.offset + Math.min(field.sizeBytes, precision ?? field.sizeBytes);
  out.raw(field.memory.u8, field.offset, endOfString(field.memory, field.offset, limit));
}

/** A string ends at its NUL; an array shows NULs inside, but not those at its end. */
function writeEscapedString(out: TextBuffer, field: Field, precision: number | undefined): void {
  if (!hasBytes(field)) return;
  const { memory, offset, shape } = field;
  let end = offset + Math.min(field.sizeBytes, precision ?? field.sizeBytes);
  if (shape.kind === 'string') end = endOfString(memory, offset, end);
  while (end > offset && memory.u8[end - 1] === 0) end--;
  for (let at = offset; at < end; at++) writeEscaped(out, memory.u8[at]!);
}

export function writeEscaped(out: TextBuffer, byte: number): void {
  const escaped = ESCAPES.get(byte);
  if (escaped !== undefined) out.text(escaped);
  else if (byte >= 0x20 && byte < 0x7f) out.byte(byte);
  else out.text(`\\${byte.toString(8).padStart(3, '0')}`);
}

function writeWideString(out: TextBuffer, field: Field, precision: number | undefined): void {
  if (field.shape.kind !== 'bytes') return;
  const count = Math.min(field.sizeBytes >> 2, precision ?? field.sizeBytes);
  for (let i = 0; i < count; i++) {
    const code = Number(readInteger(field.memory, field.offset + i * 4, 4, false));
    if (code === 0) return;
    writeWideCharacter(out, code);
  }
}

function writeWideCharacter(out: TextBuffer, code: number): void {
  if (code === 0) out.byte(0);
  else out.text(code <= 0x10ffff ? String.fromCodePoint(code) : '\ufffd');
}

/** A port lies in memory in network order. DIFFERS: always decimal, since service names differ between hosts. */
function swapped(port: number): number {
  return ((port & 0xff) << 8) | (port >> 8);
}
