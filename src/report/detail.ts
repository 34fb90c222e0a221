/** The program of `trapline explain`: the events around one, and all registers of that one. */
import type { Architecture } from '../machine/causes.ts';

/** Events before the one in question: enough to have some of each CPU. */
const LEAD_EVENTS = 400;

export const GENERAL = [
  'rax',
  'rbx',
  'rcx',
  'rdx',
  'rsi',
  'rdi',
  'rbp',
  'rsp',
  'r8',
  'r9',
  'r10',
  'r11',
  'r12',
  'r13',
  'r14',
  'r15',
];
const OLD = GENERAL.slice(0, 8);
const NEW = GENERAL.slice(8);
const SYSTEM = [
  ...[
    'rip',
    'rflags',
    'cs',
    'ss',
    'ds',
    'es',
    'fs',
    'gs',
    'fs_base',
    'gs_base',
    'ldt',
    'tr',
    'tr_base',
    'gdt_base',
    'gdt_limit',
  ],
  ...['idt_base', 'idt_limit', 'cr0', 'cr2', 'cr3', 'cr4', 'efer'],
];

export function detailProgram(event: number, architecture: Architecture): string {
  const first = Math.max(0, event - LEAD_EVENTS);
  const registers = [OLD, NEW, SYSTEM].map((names) => registerClause(event, names)).join('\n');
  return `#pragma D option quiet
#pragma D option unsafe

vec:::
/seq >= ${first} && seq <= ${event}/
{
	printf("event line=%d event=%d cpu=%d kind=%s name=%s vector=%d error=%#x address=%#x pc=%#x level=%d\\n", line, seq, cpu,
	    probemod, probefunc, arg0, arg1, arg2, arg3, arg4);
}

guest:::error
/seq <= ${event}/
{
	@errors = count();
	@errors_low = min(arg0);
	@errors_high = max(arg0);
}

${architecture === 'x86' ? registers : ''}
END
{
	printa("errors count=%@d\\n", @errors);
	printa("errorslow address=%@d\\n", @errors_low);
	printa("errorshigh address=%@d\\n", @errors_high);
}
`;
}

/** 32-bit code has no r8 to r15, so each group has a clause of its own. */
function registerClause(event: number, names: readonly string[]): string {
  const format = names.map((name) => `${name}=%#x`).join(' ');
  return `vec:::
/seq == ${event}/
{
	printf("registers ${format}\\n", ${names.join(', ')});
}
`;
}
