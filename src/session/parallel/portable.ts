/**
 * What another thread must know to run the clauses of this one, as plain data.
 *
 * Types are what a program is large by, and no engine looks at them, but for those that only D has.
 */
import type { Program } from '../../dif/program.ts';
import type { SpecialType } from '../../types/type.ts';

const NO_TYPE: SpecialType = { kind: 'void' };
const OF_D: ReadonlySet<string> = new Set<SpecialType['kind']>(['stack', 'symaddr', 'usymaddr', 'string']);

export function portable(programs: readonly Program[]): readonly Program[] {
  return programs.map((program) => copied(program) as Program);
}

function copied(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(copied);
  if (value === null || typeof value !== 'object' || ArrayBuffer.isView(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, part]) => [key, key === 'type' ? typeOf(part) : copied(part)]),
  );
}

function typeOf(type: unknown): unknown {
  const { kind } = type as SpecialType;
  return OF_D.has(kind) ? type : NO_TYPE;
}
