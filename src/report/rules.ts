/**
 * What is wrong with a guest, one row per kind of anomaly: D clauses that look for it, and the words for what they find.
 *
 *   rule.ts          what a rule is
 *   rules-course.ts  storms, timers, loops: the course of events
 *   rules-state.ts   registers
 *
 * A finding must be worth a developer's time, so that a healthy boot has none: every threshold says why it is what it is.
 * State is kept per CPU. A program is BEFORE, the rules, cascades and resets, and what they all know of the event before
 * (`remember`), whose clauses come last.
 */
import type { Levels, Rule } from './rule.ts';
import { COURSE_RULES } from './rules-course.ts';
import { FORGET_STATE, rememberState, STATE_RULES } from './rules-state.ts';

export type { Rule } from './rule.ts';

export const RULES = { ...COURSE_RULES, ...STATE_RULES } as const satisfies Record<string, Rule>;

/** Numbers of a shared log may be out of order by a few, and torn headers are missing. A larger gap is a part of the log that is not there. */
const HOLE_EVENTS = 16;

/** Whether the log has a hole before this event, or begins again: what was counted before is not to be gone on with. */
export const BEFORE = `vec:::
/any_event && (seq > last_seq + ${HOLE_EVENTS} || seq + ${HOLE_EVENTS} < last_seq)/
{
	holes++;
	irq_any = 0;
	irq_weight = 0;
	irq_events = 0;
}

vec:::
{
	this->cut = holes_known[cpu] != holes;
	holes_known[cpu] = holes;
	last_seq = seq;
}
`;

/** A machine that is reset begins again; so does a CPU that has no paging yet, where the log does not tell of resets. */
const FORGET = ['cpu:::reset', 'vec:::\n/(cr0 >> 31 & 1) == 0/']
  .map((which) => `${which}\n{\n	user_seen[cpu] = 0;\n${FORGET_STATE}}\n`)
  .join('\n');

/** What led to a #DF; cascade.ts puts the rows together. */
const CASCADE = `cpu:::nested
/n_nested++ < 1000/
{
	printf("nested line=%d event=%d cpu=%d vector=%d during=%d rootline=%d error=%#x pc=%#x sp=%#x address=%#x\\n", line, seq,
	    cpu, arg0, arg1, last_line[cpu], last_error[cpu], last_pc[cpu], last_sp[cpu], last_address[cpu]);
}

vec:exception:double_fault:
/n_double++ < 1000/
{
	printf("double line=%d event=%d cpu=%d pc=%#x sp=%#x\\n", line, seq, cpu, pc, sp);
}

cpu:::triple_fault
{
	printf("triple line=%d event=%d cpu=%d\\n", line, seq, cpu);
}
`;

/** Of another CPU than the first it is what the kernel does to start it (INIT, PSCI), or part of the machine's. */
const RESETS = `cpu:::reset
/any_event && cpu == 0/
{
	printf("reset line=%d event=%d cpu=%d\\n", line, seq, cpu);
}
`;

/** The registers at the reset, which its dump has: what was written to which port. */
const RESET_STATE = `cpu:::reset
/any_event && cpu == 0/
{
	printf("resetstate line=%d pc=%#x rax=%#x rdx=%#x\\n", line, pc, rax, rdx);
}
`;

export function crashClauses({ architecture }: Levels): string {
  return architecture === 'x86' ? `${CASCADE}\n${RESETS}\n${RESET_STATE}` : RESETS;
}

/** What the rules know of the event before. The registers have clauses of their own: they may be missing. */
export function remember(levels: Levels): string {
  const isX86 = levels.architecture === 'x86';
  return `vec:::
{
	any_event = 1;
	user_seen[cpu] |= ${levels.user};
	any_user |= ${levels.user};
${isX86 ? '	last_vector[cpu] = arg0;\n	last_event[cpu] = seq;\n	last_line[cpu] = line;\n	last_error[cpu] = arg1;\n	last_address[cpu] = arg2;\n	last_pc[cpu] = arg3;\n	last_sp[cpu] = sp;\n' : ''}}

vec:interrupt::
{
	loop_pc[cpu] = arg3;
	irq_alone[cpu] = 1;
}

vec:exception::,
vec:soft::
{
	irq_alone[cpu] = 0;
}

${isX86 ? `\n${rememberState(levels)}\n${FORGET}` : ''}`;
}
