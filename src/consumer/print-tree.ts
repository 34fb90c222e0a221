/**
 * print(): a value rendered by its type, as `(type)value`; structs as a tree (behaviours.md 26, d-language.md 8.6 [O]).
 *
 *   0x102030 = *                       only of a pointer: where it points to
 *   (struct pair) {
 *       .a = (int)1,
 *       .b = (struct inner) {
 *           .c = (char)'x',
 *       },
 *       .d = (int [2])[ 3, 4 ],
 *       .e = (struct inner [2])[
 *           {
 *               .c = (char)'y',
 *           },
 *           {},
 *       ],
 *   }
 *
 * Lines after the first begin in the data column of a row, or at the margin in quiet mode. Members that are zero are
 * left out, as Linux's DTrace does.
 */
import type { Symbolizer } from '../dif/consumer-contract.ts';
import { storageBytes } from '../types/layout.ts';
import { integerOf, isRecord, resolve } from '../types/relations.ts';
import { typeText } from '../types/text.ts';
import type { EnumType, Member, RecordType, Type } from '../types/type.ts';
import { readFloat } from './float-text.ts';
import { writeEscaped } from './printf.ts';
import { writeStack } from './stacks.ts';
import type { TextBuffer } from './text-buffer.ts';
import { isCharArray, shownSymbol } from './trace-value.ts';
import { type Field, isPrintable, readInteger, textEnd } from './values.ts';

export interface TreeStyle {
  readonly indent: number; // columns before every line but the first
  readonly stackIndent: number;
  readonly strsize: number;
  readonly symbols: Symbolizer | undefined;
  readonly pointer: bigint | undefined; // that print() was given; the field is what it points to
}

const LEVEL_COLUMNS = 4;
/** Deeper nesting than any sensible type has; the bound keeps a type that contains itself from looping. */
const MAX_DEPTH = 64;
const QUOTE = 0x22;

export function writeTree(out: TextBuffer, field: Field, style: TreeStyle): void {
  const { shape } = field;
  if (shape.kind === 'stack') {
    writeStack(out, field, style.symbols, style.stackIndent);
    return;
  }
  if (shape.kind === 'symaddr' || shape.kind === 'usymaddr') {
    out.text(shownSymbol(field, style.symbols));
    return;
  }
  if (shape.kind === 'void') return;
  if (style.pointer !== undefined) {
    out.text(`0x${style.pointer.toString(16)} = *\n`);
    out.blanks(style.indent);
  }
  writeTyped(out, shape.type, field, style, 0);
}

/** `(type)value` */
function writeTyped(out: TextBuffer, type: Type, field: Field, style: TreeStyle, depth: number): void {
  // A struct stands apart from its type, anything else does not.
  out.text(isRecord(type) ? `(${typeText(type)}) ` : `(${typeText(type)})`);
  writeValue(out, type, field, style, depth);
}

function writeValue(out: TextBuffer, type: Type, field: Field, style: TreeStyle, depth: number): void {
  const resolved = resolve(type);
  switch (resolved.kind) {
    case 'int':
      writeInt(out, field, resolved.sizeBytes, resolved.signed);
      return;
    case 'enum':
      out.text(enumText(resolved, field));
      return;
    case 'float':
      out.text(String(readFloat(field)));
      return;
    case 'pointer':
    case 'function':
      out.text(`0x${BigInt(readInteger(field.memory, field.offset, 8, false)).toString(16)}`);
      return;
    case 'struct':
    case 'union':
      writeRecord(out, resolved, field, style, depth);
      return;
    case 'array':
      if (isCharArray(resolved) && (textEnd(field) !== undefined || isAllZero(field)))
        writeQuoted(out, field);
      else writeArray(out, resolved.of, resolved.count, field, style, depth);
      return;
    case 'string':
      writeQuoted(out, field);
      return;
    default:
      writeInt(out, field, field.shape.sizeBytes, field.shape.signed);
      return;
  }
}

function writeInt(out: TextBuffer, field: Field, sizeBytes: number, signed: boolean): void {
  const value = readInteger(field.memory, field.offset, sizeBytes, signed);
  if (sizeBytes === 1 && signed && value >= 0x20 && isPrintable(Number(value)))
    out.text(`'${String.fromCharCode(Number(value))}'`);
  else out.decimal(value);
}

function enumText(type: EnumType, field: Field): string {
  const { sizeBytes, signed } = integerOf(type);
  const value = Number(readInteger(field.memory, field.offset, sizeBytes, signed));
  return type.enumerators?.find((enumerator) => enumerator.value === value)?.name ?? String(value);
}

function writeQuoted(out: TextBuffer, field: Field): void {
  out.byte(QUOTE);
  for (let at = 0; at < field.sizeBytes; at++) {
    const byte = field.memory.u8[field.offset + at]!;
    if (byte === 0) break;
    writeEscaped(out, byte);
  }
  out.byte(QUOTE);
}

function writeRecord(out: TextBuffer, type: RecordType, field: Field, style: TreeStyle, depth: number): void {
  if (type.members === undefined || depth >= MAX_DEPTH) {
    out.text('<forward decl>');
    return;
  }
  const recorded = type.members.filter((member) => endOf(member, style) <= field.sizeBytes);
  const shown = recorded.filter((member) => !isZero(member, field, style));
  const isCut = recorded.length < type.members.length;
  if (shown.length === 0 && !isCut) {
    out.text('{}');
    return;
  }
  out.text('{\n');
  for (const member of shown) {
    out.blanks(style.indent + (depth + 1) * LEVEL_COLUMNS);
    if (member.name !== '') out.text(`.${member.name} = `);
    if (member.bitWidth === undefined)
      writeTyped(out, member.type, memberField(member, field, style), style, depth + 1);
    else out.text(`(${typeText(member.type)}:${member.bitWidth})${bitField(member, field)}`);
    out.text(',\n');
  }
  if (isCut) {
    out.blanks(style.indent + (depth + 1) * LEVEL_COLUMNS);
    out.text('...\n');
  }
  out.blanks(style.indent + depth * LEVEL_COLUMNS);
  out.text('}');
}

/** First byte behind a member. */
function endOf(member: Member, style: TreeStyle): number {
  if (member.bitWidth !== undefined) return (member.offsetBits + member.bitWidth + 7) >> 3;
  return (member.offsetBits >> 3) + memberBytes(member, style);
}

function writeArray(
  out: TextBuffer,
  element: Type,
  count: number,
  field: Field,
  style: TreeStyle,
  depth: number,
): void {
  const stride = storageBytes(element, style.strsize) ?? 0;
  if (isRecord(element)) {
    writeRecords(out, element, count, stride, field, style, depth);
    return;
  }
  out.text('[ ');
  for (let i = 0; i < count; i++) {
    if (i > 0) out.text(', ');
    if ((i + 1) * stride > field.sizeBytes) {
      out.text('...');
      break;
    }
    writeValue(out, element, partOf(field, element, i * stride, stride), style, depth);
  }
  out.text(' ]');
}

/** Structs of an array stand on lines of their own. */
function writeRecords(
  out: TextBuffer,
  element: Type,
  count: number,
  stride: number,
  field: Field,
  style: TreeStyle,
  depth: number,
): void {
  out.text('[\n');
  for (let i = 0; i < count && (i + 1) * stride <= field.sizeBytes; i++) {
    out.blanks(style.indent + (depth + 1) * LEVEL_COLUMNS);
    writeValue(out, element, partOf(field, element, i * stride, stride), style, depth + 1);
    out.text(',\n');
  }
  out.blanks(style.indent + depth * LEVEL_COLUMNS);
  out.text(']');
}

function memberField(member: Member, field: Field, style: TreeStyle): Field {
  return partOf(field, member.type, member.offsetBits >> 3, memberBytes(member, style));
}

function memberBytes(member: Member, style: TreeStyle): number {
  return storageBytes(member.type, style.strsize) ?? 0;
}

function partOf(field: Field, type: Type, offset: number, sizeBytes: number): Field {
  const shape = { kind: 'bytes', sizeBytes, signed: false, type } as const;
  return { memory: field.memory, shape, offset: field.offset + offset, sizeBytes };
}

function isZero(member: Member, field: Field, style: TreeStyle): boolean {
  if (member.bitWidth !== undefined) return bitField(member, field) === 0n;
  const start = field.offset + (member.offsetBits >> 3);
  return isAllZero({ ...field, offset: start, sizeBytes: memberBytes(member, style) });
}

function isAllZero({ memory, offset, sizeBytes }: Field): boolean {
  for (let at = offset; at < offset + sizeBytes; at++) if (memory.u8[at] !== 0) return false;
  return true;
}

function bitField(member: Member, field: Field): bigint {
  const width = member.bitWidth ?? 0;
  const firstByte = member.offsetBits >> 3;
  const lastByte = (member.offsetBits + width - 1) >> 3;
  let bits = 0n;
  for (let byte = lastByte; byte >= firstByte; byte--) {
    bits = (bits << 8n) | BigInt(field.memory.u8[field.offset + byte]!);
  }
  const value = BigInt.asUintN(width, bits >> BigInt(member.offsetBits & 7));
  const type = resolve(member.type);
  return type.kind === 'int' && type.signed ? BigInt.asIntN(width, value) : value;
}
