/**
 * trace() and tracemem(): a value by its type, in a column of its own outside quiet mode (d-language.md 8.4, 8.5).
 */
import { assertNever } from '../base/assert.ts';
import type { LinearMemory } from '../base/linear-memory.ts';
import type { Symbolizer } from '../dif/consumer-contract.ts';
import { resolve } from '../types/relations.ts';
import type { Type } from '../types/type.ts';
import { isFloat, readFloat } from './float-text.ts';
import { symbolText, writeStack } from './stacks.ts';
import type { TextBuffer } from './text-buffer.ts';
import { endOfString, type Field, fieldAddress, fieldInteger, isPrintable, textEnd } from './values.ts';

export interface ValueStyle {
  readonly quiet: boolean;
  readonly rawBytes: boolean; // -x rawbytes: bytes are dumped even when they read as text
  readonly stackIndent: number;
  readonly symbols: Symbolizer | undefined;
  /** Bytes of a dumped string at least: a key is kept as long as it is, and shown as long as it may be. */
  readonly stringBytes?: number;
}

/** Columns of an integer by its size, after one blank (behaviours.md 5). */
export const INTEGER_WIDTHS: Readonly<Record<number, number>> = { 1: 3, 2: 6, 4: 11, 8: 20 };
const STRING_WIDTH = 33;
const SYMBOL_WIDTH = 50;
const ROW_BYTES = 16;
const DUMP_HEADING = `\n${' '.repeat(11)}${Array.from({ length: ROW_BYTES }, (_, i) => `  ${i.toString(16)}`).join('')}  0123456789abcdef\n`;

export function writeTraced(out: TextBuffer, field: Field, style: ValueStyle): void {
  const { shape } = field;
  switch (shape.kind) {
    case 'int':
      if (isFloat(shape.type)) writeFloat(out, field, style);
      else writeTracedInteger(out, field, style);
      return;
    case 'string':
      writeTextOrDump(out, field, style, STRING_WIDTH);
      return;
    case 'bytes':
      if (isFloat(shape.type)) {
        writeFloat(out, field, style);
        return;
      }
      if (isCharArray(shape.type)) writeTextOrDump(out, field, style, STRING_WIDTH);
      else dumpBytes(out, field.memory, field.offset, field.sizeBytes);
      return;
    case 'symaddr':
    case 'usymaddr':
      writeSymbolColumn(out, field, style);
      return;
    case 'stack':
      writeStack(out, field, style.symbols, style.stackIndent);
      return;
    case 'void':
      return;
    default:
      assertNever(shape.kind, 'consumer');
  }
}

function writeTracedInteger(out: TextBuffer, field: Field, style: ValueStyle): void {
  const value = fieldInteger(field, field.shape.signed);
  if (style.quiet) {
    out.decimal(value);
    return;
  }
  out.byte(0x20);
  out.decimalIn(INTEGER_WIDTHS[field.shape.sizeBytes] ?? 0, value);
}

function writeFloat(out: TextBuffer, field: Field, style: ValueStyle): void {
  out.text(`${style.quiet ? '' : ' '}${readFloat(field)}`);
}

/** Two blanks and a column, as symbols print in rows and keys, quiet or not. */
export function writeSymbolColumn(out: TextBuffer, field: Field, style: ValueStyle): void {
  out.blanks(2);
  const mark = out.length;
  out.text(shownSymbol(field, style.symbols));
  out.padRight(mark, SYMBOL_WIDTH);
}

/** A symbolic address as what its type shows of it. */
export function shownSymbol(field: Field, symbols: Symbolizer | undefined): string {
  const { type } = field.shape;
  const shows = type.kind === 'symaddr' || type.kind === 'usymaddr' ? type.shows : undefined;
  return symbolText(symbols, fieldAddress(field), shows);
}

/** Text in a column of `width` after two blanks; bytes that do not read as text are dumped. */
export function writeTextOrDump(out: TextBuffer, field: Field, style: ValueStyle, width: number): void {
  const { memory, offset, sizeBytes, shape } = field;
  const end = style.rawBytes ? undefined : textEnd(field);
  if (end === undefined) {
    // Bytes behind a string's NUL are leftovers of other strings: they show as the zeros they stand for.
    const limit =
      shape.kind === 'string' ? endOfString(memory, offset, offset + sizeBytes) : offset + sizeBytes;
    const room = shape.kind === 'string' ? Math.max(sizeBytes, style.stringBytes ?? 0) : sizeBytes;
    dumpBytes(out, memory, offset, room, limit);
    return;
  }
  if (style.quiet) {
    out.raw(memory.u8, offset, end);
    return;
  }
  out.blanks(2);
  const mark = out.length;
  out.raw(memory.u8, offset, end);
  out.padRight(mark, width);
}

/** The dump of tracemem(): 16 bytes a row, in hexadecimal and as characters. Bytes from `limit` on read as 0. */
export function dumpBytes(
  out: TextBuffer,
  memory: LinearMemory,
  offset: number,
  sizeBytes: number,
  limit = offset + sizeBytes,
): void {
  out.text(DUMP_HEADING);
  for (let row = 0; row < sizeBytes; row += ROW_BYTES) {
    const count = Math.min(ROW_BYTES, sizeBytes - row);
    const byteAt = (i: number) => (offset + row + i < limit ? memory.u8[offset + row + i]! : 0);
    out.text(`     ${row.toString(16).padStart(5)}:`);
    for (let i = 0; i < count; i++) out.text(` ${byteAt(i).toString(16).padStart(2, '0')}`);
    out.blanks(3 * (ROW_BYTES - count) + 2);
    for (let i = 0; i < count; i++) out.byte(isGraphic(byteAt(i)) ? byteAt(i) : 0x2e);
    out.byte(0x0a);
  }
}

function isGraphic(byte: number): boolean {
  return isPrintable(byte) && byte >= 0x20;
}

export function isCharArray(type: Type): boolean {
  const array = resolve(type);
  if (array.kind !== 'array') return false;
  const element = resolve(array.of);
  return element.kind === 'int' && element.sizeBytes === 1;
}
