/**
 * Sizes, alignments and struct layout by the System V x86-64 ABI.
 *
 * A `string` member or element takes strsize + 1 bytes, while `sizeof (string)` is strsize: the NUL is storage, not
 * part of the declared size (behaviours.md 19). Bit-fields are laid out from bit 0 up and never cross a unit of their
 * declared type.
 */
import { resolve } from './relations.ts';
import type { Member, RecordType, Type } from './type.ts';

const POINTER_BYTES = 8;

export interface Field {
  readonly name: string; // '' for an unnamed bit-field, which takes room and gives no member
  readonly type: Type;
  readonly bitWidth: number | undefined;
}

/** Bytes that `sizeof` gives; undefined when the type has no size (void, functions, forward tags, …). */
export function sizeOf(type: Type, strsize: number): number | undefined {
  const resolved = resolve(type);
  return resolved.kind === 'string' ? strsize : storageBytes(resolved, strsize);
}

/** Bytes that a value of the type takes in memory. */
export function storageBytes(type: Type, strsize: number): number | undefined {
  const resolved = resolve(type);
  switch (resolved.kind) {
    case 'int':
    case 'float':
      return resolved.sizeBytes;
    case 'enum':
      return resolved.enumerators === undefined ? undefined : (resolved.base?.sizeBytes ?? 4);
    case 'pointer':
    case 'symaddr':
    case 'usymaddr':
      return POINTER_BYTES;
    case 'array': {
      const element = storageBytes(resolved.of, strsize);
      return element === undefined ? undefined : element * resolved.count;
    }
    case 'struct':
    case 'union':
      return resolved.members === undefined ? undefined : resolved.sizeBytes;
    case 'string':
      return strsize + 1;
    default:
      return undefined;
  }
}

export function alignOf(type: Type): number {
  const resolved = resolve(type);
  switch (resolved.kind) {
    case 'int':
    case 'float':
      return resolved.sizeBytes;
    case 'enum':
      return resolved.base?.sizeBytes ?? 4;
    case 'array':
      return alignOf(resolved.of);
    case 'struct':
    case 'union':
      return Math.max(resolved.alignBytes, 1);
    case 'string':
      return 1;
    default:
      return POINTER_BYTES;
  }
}

/** Give a struct or union its members; every field type must have a size. */
export function layoutRecord(record: RecordType, fields: readonly Field[], strsize: number): void {
  const members: Member[] = [];
  let endBits = 0;
  let alignBytes = 1;
  let at = 0;
  for (const field of fields) {
    if (record.kind === 'union') at = 0;
    const offsetBits = placeField(field, at);
    at = offsetBits + (field.bitWidth ?? storageBytes(field.type, strsize)! * 8);
    endBits = Math.max(endBits, at);
    if (field.name === '') continue; // an unnamed bit-field does not align its struct
    alignBytes = Math.max(alignBytes, alignOf(field.type));
    members.push({ name: field.name, type: field.type, offsetBits, bitWidth: field.bitWidth });
  }
  record.members = members;
  record.alignBytes = alignBytes;
  record.sizeBytes = roundUp(Math.ceil(endBits / 8), alignBytes);
}

/** First bit at or after `at` where the field may start. */
function placeField(field: Field, at: number): number {
  const unitBits = alignOf(field.type) * 8;
  if (field.bitWidth === undefined) return roundUp(at, unitBits);
  return (at % unitBits) + field.bitWidth > unitBits ? roundUp(at, unitBits) : at;
}

function roundUp(value: number, to: number): number {
  return Math.ceil(value / to) * to;
}

/** Where a bit-field is read from: the aligned unit of its type, and its bits therein. */
export function bitFieldUnit(member: Member): { readonly offsetBytes: number; readonly bitOffset: number } {
  const unitBytes = alignOf(member.type);
  const offsetBytes = Math.floor(member.offsetBits / (unitBytes * 8)) * unitBytes;
  return { offsetBytes, bitOffset: member.offsetBits - offsetBytes * 8 };
}
