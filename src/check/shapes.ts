/** Type → ValueShape: how a value of the type is stored, recorded and compared. */
import type { ValueShape } from '../dif/program.ts';
import { storageBytes } from '../types/layout.ts';
import { integerOf, resolve } from '../types/relations.ts';
import type { Type } from '../types/type.ts';

/** A string's size is resolved with strsize by the engine, so it is 0 here (dif/program.ts). */
export function shapeOf(type: Type, strsize: number): ValueShape {
  const resolved = resolve(type);
  switch (resolved.kind) {
    case 'int':
    case 'enum': {
      const int = integerOf(resolved);
      return { kind: 'int', sizeBytes: int.sizeBytes, signed: int.signed, type };
    }
    case 'float':
      if (resolved.sizeBytes === 16) return { kind: 'bytes', sizeBytes: 16, signed: false, type };
      return { kind: 'int', sizeBytes: resolved.sizeBytes, signed: false, type };
    case 'pointer':
    case 'function':
      return { kind: 'int', sizeBytes: 8, signed: false, type };
    case 'string':
      return { kind: 'string', sizeBytes: 0, signed: false, type };
    case 'struct':
    case 'union':
    case 'array':
      return { kind: 'bytes', sizeBytes: storageBytes(resolved, strsize) ?? 0, signed: false, type };
    case 'symaddr':
    case 'usymaddr':
      return { kind: resolved.kind, sizeBytes: 8, signed: false, type };
    case 'error':
      return { kind: 'int', sizeBytes: 8, signed: true, type };
    default:
      return { kind: 'void', sizeBytes: 0, signed: false, type };
  }
}
