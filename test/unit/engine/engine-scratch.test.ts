/**
 * Scratch as programs see it: what one clause takes, it alone may read and write, and no more than it took. Addresses
 * of scratch are the engine's own business, so these are tests of which clauses fault and not of what is printed.
 */
import { describe, expect, test } from 'vitest';
import { compiledD } from '../../support/compile-d.ts';
import { runProgram, SIZES } from '../../support/program-run.ts';

/** The clauses of BEGIN that fault. */
function faultsOf(text: string): readonly string[] {
  const { faults } = runProgram(compiledD(text), SIZES);
  return faults.map(({ clause, name }) => `${clause} ${name}`);
}

describe('scratch', () => {
  test('of alloca is gone in the next clause of the firing', () => {
    const text = `BEGIN { p = (char *)alloca(4); p[0] = 'a'; trace(*p); }`;
    expect(faultsOf(`${text} BEGIN { trace(*p); }`)).toEqual(['1 BADADDR']);
    expect(faultsOf(`${text} BEGIN { *p = 'b'; }`)).toEqual(['1 BADADDR']);
  });

  test('of string results is gone in the next clause; string variables stay', () => {
    const text = 'BEGIN { p = (char *)strjoin("a", "b"); s = strjoin("c", "d"); }';
    expect(faultsOf(`${text} BEGIN { trace(s); } BEGIN { trace(stringof(p)); }`)).toEqual(['2 BADADDR']);
  });

  test('ends where alloca ended it', () => {
    const words = 'p = (int *)alloca(8);';
    expect(faultsOf(`BEGIN { ${words} trace(p[0] + p[1]); }`)).toEqual([]);
    expect(faultsOf(`BEGIN { ${words} trace(p[2]); }`)).toEqual(['0 BADADDR']);
    expect(faultsOf(`BEGIN { ${words} trace(p[-1]); }`)).toEqual(['0 BADADDR']);
    expect(faultsOf(`BEGIN { ${words} p[2] = 1; }`)).toEqual(['0 BADADDR']);
    expect(faultsOf('BEGIN { p = (int *)alloca(0); trace(*p); }')).toEqual(['0 BADADDR']);
  });

  test('alone takes what bcopy and copyinto write', () => {
    expect(faultsOf('BEGIN { s = "abc"; bcopy("xyz", s, 3); }')).toEqual(['0 BADADDR']);
    expect(faultsOf('BEGIN { s = "abc"; copyinto(16, 0, s); }')).toEqual(['0 BADADDR']);
    expect(faultsOf('BEGIN { bcopy("xyz", alloca(8), 4); }')).toEqual([]);
    expect(faultsOf('BEGIN { bcopy("xyz", alloca(8), 9); }')).toEqual(['0 BADADDR']);
  });
});
