/**
 * The program of `trapline explain`: the events around one, and all registers of that one.
 *
 * A register that an event does not have ends the clause that reads it, so those that may be missing apart are in clauses of
 * their own: r8 to r15 of 32-bit code, what Arm's log tells of some exceptions only, and registers from a dump.
 */
import type { Architecture } from '../machine/causes.ts';

/** Events before the one in question: enough to have some of each CPU. */
const LEAD_EVENTS = 400;

const numbered = (letter: string, count: number): string[] =>
  Array.from({ length: count }, (_, i) => `${letter}${i}`);

const OLD = ['rax', 'rbx', 'rcx', 'rdx', 'rsi', 'rdi', 'rbp', 'rsp'];
const NEW = numbered('r', 16).slice(8);

/** Registers that may hold an address. */
export const GENERAL: readonly string[] = [...OLD, ...NEW];
export const ARM_GENERAL: readonly string[] = [...numbered('x', 31), ...numbered('r', 13), 'sp', 'lr'];
export const RISCV_GENERAL: readonly string[] = numbered('x', 32);

const SYSTEM = [
  ...['rip', 'rflags', 'cs', 'ss', 'ds', 'es', 'fs', 'gs', 'smm'],
  ...['cs_base', 'ss_base', 'ds_base', 'es_base', 'fs_base', 'gs_base'],
  ...['ldt', 'tr', 'tr_base', 'gdt_base', 'gdt_limit', 'idt_base', 'idt_limit'],
  ...['cr0', 'cr2', 'cr3', 'cr4', 'efer'],
];

const GROUPS: Readonly<Record<Architecture, readonly (readonly string[])[]>> = {
  x86: [OLD, NEW, SYSTEM],
  arm: [
    ...['esr', 'far', 'fsr', 'elr', 'spsr', 'new_el', 'new_pc', 'new_pstate', 'pc'].map((name) => [name]),
    ...[numbered('x', 31), numbered('r', 13), ['lr'], ['sp'], ['pstate'], ['cpsr']],
  ],
  riscv: [['cause', 'epc', 'tval', 'pc'], numbered('x', 32)],
};

export function detailProgram(event: number, architecture: Architecture): string {
  const first = Math.max(0, event - LEAD_EVENTS);
  const registers = GROUPS[architecture].map((names) => registerClause(event, names)).join('\n');
  return `#pragma D option quiet
#pragma D option unsafe

vec:::
/seq >= ${first} && seq <= ${event}/
{
	printf("event line=%d event=%d cpu=%d kind=%s name=%s vector=%d error=%#x address=%#x pc=%#x level=%d\\n", line, seq, cpu,
	    probemod, probefunc, arg0, arg1, arg2, arg3, arg4);
}

${
  architecture === 'x86'
    ? ''
    : `/* arg3 is 0 where the log tells no pc, which is a fault here. */
vec:::
/seq >= ${first} && seq <= ${event}/
{
	printf("place event=%d pc=%#x\\n", seq, pc);
}

`
}guest:::error
/seq <= ${event}/
{
	@errors = count();
	@errors_low = min(arg0);
	@errors_high = max(arg0);
}

${registers}
END
{
	printa("errors count=%@d\\n", @errors);
	printa("errorslow address=%@d\\n", @errors_low);
	printa("errorshigh address=%@d\\n", @errors_high);
}
`;
}

function registerClause(event: number, names: readonly string[]): string {
  const format = names.map((name) => `${name}=%#x`).join(' ');
  return `vec:::
/seq == ${event}/
{
	printf("registers ${format}\\n", ${names.join(', ')});
}
`;
}

/** Which events there are next to a number that none has. */
export function nearestProgram(event: number): string {
  return `#pragma D option quiet
#pragma D option unsafe

vec:::
/seq < ${event}/
{
	@below = max(seq);
}

vec:::
/seq > ${event}/
{
	@above = min(seq);
}

END
{
	printa("below event=%@d\\n", @below);
	printa("above event=%@d\\n", @above);
}
`;
}
