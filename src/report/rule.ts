/**
 * What a kind of anomaly is (rules.ts), and the D that rules are written with.
 *
 *   d         clauses; each prints rows whose word is the rule's name (rows.ts), with the place (line, event, cpu) and evidence
 *   ask       a one-liner that shows the same events, for a user to go on from
 *   evidence  one row in words
 *   means     what that says about the kernel
 *
 * The clauses of a rule may use what BEFORE (rules.ts) tells of an event, and what REMEMBER knows of the one before.
 */
import type { Architecture } from '../machine/causes.ts';
import type { Row } from './rows.ts';

/** Predicates of the code that was interrupted, by architecture. */
export interface Levels {
  readonly architecture: Architecture;
  readonly user: string;
  readonly kernel: string;
}

export const LEVELS = {
  x86: { architecture: 'x86', user: 'arg4 == 3', kernel: 'arg4 == 0' },
  arm: { architecture: 'arm', user: 'arg4 == 0', kernel: 'arg4 >= 1' },
  riscv: { architecture: 'riscv', user: 'arg4 == 0', kernel: 'arg4 >= 1' },
} as const satisfies Record<Architecture, Levels>;

export interface Rule {
  readonly title: string;
  /** Logs that it can be told from; those of Arm and RISC-V have no registers. */
  readonly on: readonly Architecture[];
  readonly d: (levels: Levels) => string;
  readonly ask: (levels: Levels) => string;
  readonly evidence: (row: Row) => string;
  readonly means: string;
}

export const X86: readonly Architecture[] = ['x86'];
export const ANYWHERE: readonly Architecture[] = ['x86', 'arm', 'riscv'];

/** Rows of one rule; the counts go on. */
const MAX_ROWS = 8;

/** Clauses that print the first rows of a rule and count all. `more` is `name=value` each, or the name of a register. */
export function clause(
  rule: string,
  probe: string,
  predicate: string,
  more: readonly string[] = ['sp'],
): string {
  const nameOf = (field: string) => field.replace(/=.*/s, '');
  const formats = more.map((field) => ` ${nameOf(field)}=%#x`).join('');
  const values = more.map((field) => `, ${field.slice(field.indexOf('=') + 1)}`).join('');
  const name = rule.replaceAll('-', '_');
  return `${probe}
/(${predicate}) && n_${name}++ < ${MAX_ROWS}/
{
	printf("${rule} line=%d event=%d cpu=%d pc=%#x${formats}\\n", line, seq, cpu, pc${values});
}

END
/n_${name} > 0/
{
	printf("rule name=${rule} count=%d\\n", n_${name});
}
`;
}
