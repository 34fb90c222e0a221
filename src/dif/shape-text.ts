/**
 * The result of a DIFO in words, as listings show it: `D type (integer) (size 4)`, `string by ref (size strsize)`.
 *
 * A listing tells the shape (kind, size, sign) and what sort of type it is, not the type itself. Reading a heading
 * back gives the shape with the plain type of that shape: what runs is the same, what `print()` would show is not.
 */
import { assertNever } from '../base/assert.ts';
import type { IntType, Type } from '../types/type.ts';
import type { ValueShape } from './program.ts';

/** Size word of strings, whose size is an option of the session. */
const STRING_SIZE = 'strsize';
const CHAR: IntType = { kind: 'int', name: 'char', sizeBytes: 1, signed: true };
const INT_NAMES = { 1: 'char', 2: 'short', 4: 'int', 8: 'long' } as const;
const BYTES_KINDS: ReadonlySet<string> = new Set(['struct', 'union', 'array', 'float']);
const HEADING = /^(D type|string)(?: \((\w+)\))?( by ref)? \(size (\w+)\)( unsigned)?$/;

export function shapeText(shape: ValueShape): string {
  switch (shape.kind) {
    case 'int':
      return `D type (${intKind(shape.type)}) (size ${shape.sizeBytes})${shape.signed ? '' : ' unsigned'}`;
    case 'string':
      return `string by ref (size ${STRING_SIZE})`;
    case 'bytes':
      return `D type (${bytesKind(shape.type)}) by ref (size ${shape.sizeBytes})`;
    case 'symaddr':
    case 'usymaddr':
    case 'stack':
    case 'void':
      return `D type (${shape.kind}) (size ${shape.sizeBytes})`;
    default:
      return assertNever(shape.kind, 'dif');
  }
}

/** Undefined when the text is no such description. */
export function parseShape(text: string): ValueShape | undefined {
  const match = HEADING.exec(text);
  if (match === null) return undefined;
  const [, sort, kind, byReference, sizeText, unsigned] = match;
  if (sort === 'string') {
    return sizeText === STRING_SIZE ? plainShape('string', 0, false) : undefined;
  }
  const sizeBytes = Number(sizeText);
  if (!Number.isSafeInteger(sizeBytes)) return undefined;
  if (byReference !== undefined) return plainShape('bytes', sizeBytes, false);
  if (kind === 'symaddr' || kind === 'usymaddr' || kind === 'stack' || kind === 'void') {
    return plainShape(kind, sizeBytes, false);
  }
  return plainShape('int', sizeBytes, unsigned === undefined);
}

/** A shape with the plainest type it can have. */
export function plainShape(kind: ValueShape['kind'], sizeBytes: number, signed: boolean): ValueShape {
  return { kind, sizeBytes, signed, type: plainType(kind, sizeBytes, signed) };
}

function plainType(kind: ValueShape['kind'], sizeBytes: number, signed: boolean): Type {
  if (kind === 'bytes') return { kind: 'array', of: CHAR, count: sizeBytes };
  if (kind !== 'int') return { kind };
  if (sizeBytes !== 1 && sizeBytes !== 2 && sizeBytes !== 4 && sizeBytes !== 8) return { kind: 'error' };
  const name = INT_NAMES[sizeBytes];
  return { kind: 'int', name: signed ? name : `unsigned ${name}`, sizeBytes, signed };
}

function intKind(type: Type): string {
  const kind = bareKind(type);
  return kind === 'pointer' || kind === 'enum' || kind === 'float' ? kind : 'integer';
}

function bytesKind(type: Type): string {
  const kind = bareKind(type);
  return BYTES_KINDS.has(kind) ? kind : 'array';
}

function bareKind(type: Type): Type['kind'] {
  return type.kind === 'typedef' || type.kind === 'qualified' ? bareKind(type.to) : type.kind;
}
