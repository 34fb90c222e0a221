/**
 * What is wrong with a guest, one row per kind of anomaly: D clauses that look for it, and the words for what they find.
 *
 *   d         clauses; each prints rows whose word is the rule's name (rows.ts), with the place (line, event, cpu) and evidence
 *   ask       a one-liner that shows the same events, for a user to go on from
 *   evidence  one row in words
 *   means     what that says about the kernel
 *
 * A finding must be worth a developer's time, so that a healthy boot has none: every threshold says why it is what it is.
 * Rules read registers, which only x86 logs have; those of `anywhere` need none. State is kept per CPU. What the rules
 * know of the event before is set by REMEMBER, whose clauses come last.
 */
import { bits, hex, number, type Row } from './rows.ts';
import { vectorShort } from './vectors.ts';

export interface Rule {
  readonly title: string;
  readonly anywhere?: true;
  readonly d: string;
  readonly ask: string;
  readonly evidence: (row: Row) => string;
  readonly means: string;
}

/**
 * Exceptions of one cause at one place with nothing between them. A handler removes the cause or gives up; a program that
 * lives on faults (#UD emulation, a garbage collector) does something else in between. 64 is far above the two or three
 * that retried page faults take on several CPUs.
 */
const STORM_RUN = 64;
/** Faults that nest at the same distance from each other. By chance that does not happen eight times. */
const RECURSION_RUN = 8;
/**
 * Events without a device's interrupt between them. An event costs QEMU some 10 µs, so these are 0.2 s and more of busy
 * guest: twenty ticks at 100 Hz. An idle guest has no events and is not meant.
 */
const SILENT_EVENTS = 20_000;
/** A second between two interrupts, and busy (50 ms of events): tickless kernels start the tick when they leave idle. */
const LATE_NS = 1_000_000_000;
const LATE_EVENTS = 5000;
/** Consecutive events with interrupts disabled: at 10 µs each as long as a tick at 100 Hz, which is lost then. */
const MASKED_EVENTS = 1000;
/** Interrupts that all strike one small loop: ten seconds at 100 Hz. */
const LOOP_RUN = 1000;
const LOOP_BYTES = 64;
/** HLT is always struck behind itself, so a loop that is no idle loop is struck at several of its instructions. */
const LOOP_MOVES = 10;
/** Events by which a kernel that prepares for user code has run some: Linux boots need less than 500. */
const PREPARED_EVENTS = 2000;
/** Programs that live so long have asked their kernel for something. */
const USER_EVENTS = 1000;
/** Rows of one rule; the counts go on. */
const MAX_ROWS = 8;

const USER = 'arg4 == 3';
const KERNEL = 'arg4 == 0';
const UPPER_HALF = '>> 63 == 1';
const HAS_PAGING = '(cr0 >> 31 & 1) == 1';
const IS_LONG = '(efer & 0x400) != 0';

/** A clause that prints the first rows of a rule and counts all. */
function clause(rule: string, probe: string, predicate: string, more = ''): string {
  const fields = more === '' ? [] : more.split(', ');
  const formats = fields.map(
    (field) => ` ${/^\w+$/.test(field) ? field : field.slice(0, field.indexOf('='))}=%#x`,
  );
  const values = fields.map(
    (field) => `, ${field.includes('=') ? field.slice(field.indexOf('=') + 1) : field}`,
  );
  const name = rule.replaceAll('-', '_');
  return `${probe}
/${predicate}/
{
	this->${name} = 1;
	@counts["${rule}"] = count();
	n_${name}++;
}

${probe}
/this->${name} && n_${name} <= ${MAX_ROWS}/
{
	printf("${rule} line=%d event=%d cpu=%d pc=%#x sp=%#x${formats.join('')}\\n", line, seq, cpu, pc, sp${values.join('')});
}

${probe}
{
	this->${name} = 0;
}
`;
}

export const RULES = {
  storm: {
    title: 'exception storm',
    anywhere: true,
    d: `vec:exception::
{
	this->same = arg0 == storm_vector[cpu] && arg3 == storm_pc[cpu] && arg2 == storm_address[cpu] &&
	    arg0 != 1 && arg0 != 3 && storm_alone[cpu];
	storm_run[cpu] = this->same ? storm_run[cpu] + 1 : 1;
	storm_line[cpu] = this->same ? storm_line[cpu] : line;
	storm_event[cpu] = this->same ? storm_event[cpu] : seq;
	storm_vector[cpu] = arg0;
	storm_pc[cpu] = arg3;
	storm_address[cpu] = arg2;
	storm_alone[cpu] = 1;
}

vec:soft::
{
	storm_alone[cpu] = 0;
}

vec:exception::
/storm_run[cpu] >= ${STORM_RUN}/
{
	@storms[storm_line[cpu], storm_event[cpu], cpu, arg0, arg3, arg2] = max(storm_run[cpu]);
}

END
{
	printa("storm line=%d event=%d cpu=%d vector=%d pc=%#x address=%#x run=%@d\\n", @storms);
}
`,
    ask: 'vec:exception:: { @[probefunc, arg3, arg2] = count(); }',
    evidence: (row) =>
      `${number(row, 'run')} times in a row ${vectorShort(number(row, 'vector'))} at pc ${hex(bits(row, 'pc'))}, address ${hex(bits(row, 'address'))}`,
    means: 'the handler returns without removing the cause, so the instruction faults again at once',
  },
  recursion: {
    title: 'a fault in its own handler',
    d: `vec:exception::
/${KERNEL}/
{
	this->step = last_sp[cpu] - sp;
	this->same = arg0 == last_vector[cpu] && arg3 == last_pc[cpu] && this->step == step[cpu] && this->step > 0 &&
	    this->step < 4096;
	recursion_run[cpu] = this->same ? recursion_run[cpu] + 1 : 1;
	recursion_line[cpu] = this->same ? recursion_line[cpu] : last_line[cpu];
	recursion_event[cpu] = this->same ? recursion_event[cpu] : last_event[cpu];
	recursion_sp[cpu] = this->same ? recursion_sp[cpu] : last_sp[cpu];
	step[cpu] = this->step;
}

vec:exception::
/${KERNEL} && recursion_run[cpu] >= ${RECURSION_RUN}/
{
	@recursions[recursion_line[cpu], recursion_event[cpu], cpu, arg0, arg3, arg2, recursion_sp[cpu], this->step] =
	    max(recursion_run[cpu]);
}

END
{
	printa("recursion line=%d event=%d cpu=%d vector=%d pc=%#x address=%#x sp=%#x step=%d run=%@d\\n", @recursions);
}
`,
    ask: 'vec:exception:: /cpl == 0/ { printf("%d: %s pc %x sp %x\\n", seq, probefunc, pc, sp); }',
    evidence: (row) => {
      const [run, step, sp] = [number(row, 'run'), number(row, 'step'), bits(row, 'sp')];
      const fell = `the stack pointer fell from ${hex(sp)} by ${step} bytes each time`;
      const pc = bits(row, 'pc');
      const unmapped =
        pc === bits(row, 'address') ? `; the handler itself, at ${hex(pc)}, is not mapped` : '';
      return `${run} nested ${vectorShort(number(row, 'vector'))} at pc ${hex(pc)}: ${fell}${unmapped}`;
    },
    means: 'each delivery of the exception raises it again, until the stack runs out',
  },
  'no-timer': {
    title: 'missing timer interrupts',
    anywhere: true,
    d: `vec:interrupt::
/seq - irq_seq > ${SILENT_EVENTS}/
{
	printf("no-timer line=%d event=%d cpu=%d silent=%d\\n", line, seq, cpu, seq - irq_seq);
}

vec:interrupt::
{
	irq_seq = seq;
}

END
/end_event - irq_seq > ${SILENT_EVENTS}/
{
	printf("no-timer line=%d event=%d cpu=0 silent=%d\\n", end_line, end_event, end_event - irq_seq);
}
`,
    ask: 'BEGIN { before = (uint64_t)0; } vec:interrupt:: { @ = quantize(seq - before); before = seq; }',
    evidence: (row) => `${number(row, 'silent')} events without any interrupt of a device`,
    means: 'the timer is stopped or masked, or its interrupt was never acknowledged',
  },
  'late-timer': {
    title: 'irregular timer interrupts',
    anywhere: true,
    d: `vec:interrupt::
/irq_any && timestamp - irq_time > ${LATE_NS} && seq - irq_last > ${LATE_EVENTS}/
{
	printf("late-timer line=%d event=%d cpu=%d late=%d events=%d\\n", line, seq, cpu, (timestamp - irq_time) / 1000000,
	    seq - irq_last);
}

vec:interrupt::
{
	irq_any = 1;
	irq_time = timestamp;
	irq_last = seq;
}
`,
    ask: 'BEGIN { last[(int64_t)0] = (uint64_t)0; } vec:interrupt:: { @[arg0] = quantize(timestamp - last[arg0]); last[arg0] = timestamp; }',
    evidence: (row) =>
      `${number(row, 'late')} ms and ${number(row, 'events')} events between two interrupts of devices`,
    means: 'interrupts were kept off, or the timer was not set again, while the guest was busy',
  },
  'stuck-loop': {
    title: 'stuck in one ring, in one loop',
    d: `vec:interrupt:irq:
{
	this->inside = arg3 - loop_base[cpu] < ${LOOP_BYTES} && arg4 == loop_level[cpu] && loop_alone[cpu];
	loop_moves[cpu] = this->inside ? loop_moves[cpu] + (arg3 != loop_pc[cpu]) : 0;
	loop_run[cpu] = this->inside ? loop_run[cpu] + 1 : 1;
	loop_base[cpu] = this->inside ? loop_base[cpu] : arg3 - ${LOOP_BYTES / 2};
	loop_line[cpu] = this->inside ? loop_line[cpu] : line;
	loop_event[cpu] = this->inside ? loop_event[cpu] : seq;
	loop_level[cpu] = arg4;
	loop_pc[cpu] = arg3;
	loop_alone[cpu] = 1;
}

vec:exception::,
vec:soft::
{
	loop_alone[cpu] = 0;
}

vec:interrupt:irq:
/loop_run[cpu] >= ${LOOP_RUN} && loop_moves[cpu] >= ${LOOP_MOVES}/
{
	@loops[loop_line[cpu], loop_event[cpu], cpu, loop_level[cpu], loop_base[cpu] + ${LOOP_BYTES / 2}] = max(loop_run[cpu]);
}

END
{
	printa("stuck-loop line=%d event=%d cpu=%d level=%d pc=%#x run=%@d\\n", @loops);
}
`,
    ask: 'vec:interrupt:irq: { @[cpl, pc & ~63] = count(); }',
    evidence: (row) =>
      `${number(row, 'run')} interrupts in a row strike ${LOOP_BYTES} bytes of code at ${hex(bits(row, 'pc'))}, all at CPL ${number(row, 'level')}`,
    means: 'the CPU waits in a loop for something that does not come (an idle loop with HLT looks different)',
  },
  'no-user-mode': {
    title: 'no user mode',
    d: `vec:::
/!any_user && ((efer & 1) != 0 || tr != 0)/
{
	prepared++;
}

END
/prepared >= ${PREPARED_EVENTS} && !any_user/
{
	printf("no-user-mode line=%d event=%d cpu=0 prepared=%d\\n", end_line, end_event, prepared);
}
`,
    ask: 'vec::: { @[cpl] = count(); }',
    evidence: (row) =>
      `${number(row, 'prepared')} events after SYSCALL or a task register was set up, none at CPL 3`,
    means: 'the kernel prepared for user code and never ran any',
  },
  'no-system-calls': {
    title: 'no system calls',
    d: `vec:::
/${USER}/
{
	user_events++;
}

vec:::
/${USER} && (efer & 1) != 0/
{
	has_syscall = 1;
}

vec:soft::
/${USER}/
{
	int_calls++;
}

END
/user_events >= ${USER_EVENTS} && !has_syscall && !int_calls/
{
	printf("no-system-calls line=%d event=%d cpu=0 events=%d\\n", end_line, end_event, user_events);
}
`,
    ask: 'vec:soft:: /cpl == 3/ { @[arg0] = count(); }',
    evidence: (row) => `${number(row, 'events')} events in user mode, no INT among them, and EFER.SCE is 0`,
    means: 'user code runs but never calls the kernel (SYSENTER would not show in this log)',
  },
  'user-kernel-address': {
    title: 'CPL 3 with a kernel address',
    // Linux's vsyscall page is the one address up there that user code may go to.
    d: clause(
      'user-kernel-address',
      'vec:::',
      `${USER} && (pc ${UPPER_HALF} && pc >> 12 != 0xffffffffff600 || sp ${UPPER_HALF})`,
    ),
    ask: 'vec::: /cpl == 3 && (pc >> 63 || sp >> 63)/ { printf("%d: pc %x sp %x\\n", seq, pc, sp); }',
    evidence: (row) => `pc ${hex(bits(row, 'pc'))}, stack pointer ${hex(bits(row, 'sp'))} in user mode`,
    means: 'a return to user mode loaded an address of the kernel, or a program jumped to one',
  },
  'kernel-user-stack': {
    title: 'CPL 0 on a user stack',
    // With IF=1 the entry code, which still has the user's stack at SYSCALL, is behind the kernel.
    d: clause(
      'kernel-user-stack',
      'vec:::',
      `${KERNEL} && user_seen[cpu] && iflag && (pc ${UPPER_HALF} ? !(sp ${UPPER_HALF}) : !(${IS_LONG}) && pc >= 0xc0000000 && sp < 0xc0000000)`,
    ),
    ask: 'vec::: /cpl == 0 && pc >> 63 && !(sp >> 63)/ { printf("%d: pc %x sp %x\\n", seq, pc, sp); }',
    evidence: (row) => `kernel code at ${hex(bits(row, 'pc'))} with stack pointer ${hex(bits(row, 'sp'))}`,
    means: 'the kernel did not switch stacks when it was entered',
  },
  'stack-unaligned': {
    title: 'unaligned stack pointer',
    // Kernels push whole words; what real mode does is the firmware's.
    d: clause('stack-unaligned', 'vec:::', `${KERNEL} && ${HAS_PAGING} && (sp & (${IS_LONG} ? 7 : 3)) != 0`),
    ask: 'vec::: /cpl == 0 && (sp & 3) != 0/ { printf("%d: sp %x\\n", seq, sp); }',
    evidence: (row) => `kernel stack pointer ${hex(bits(row, 'sp'))} at pc ${hex(bits(row, 'pc'))}`,
    means: 'something changed the stack pointer by other than whole words',
  },
  'stack-range': {
    title: 'stack pointer out of range',
    d: clause(
      'stack-range',
      'vec:::',
      `${KERNEL} && (cr0 & 1) && (sp == 0 || sp - idt_base < idt_limit + 1 && idt_limit != 0 || sp - gdt_base < gdt_limit + 1 || ${IS_LONG} && sp >> 47 != 0 && sp >> 47 != 0x1ffff)`,
      'idt=idt_base, idtlimit=idt_limit, gdt=gdt_base, gdtlimit=gdt_limit',
    ),
    ask: 'vec::: /cpl == 0 && sp - idt_base <= idt_limit/ { printf("%d: sp %x\\n", seq, sp); }',
    evidence: (row) => `kernel stack pointer ${hex(bits(row, 'sp'))} is ${stackPlace(row)}`,
    means: 'the stack ran over its end, and what is pushed now overwrites something else',
  },
  'bad-cr3': {
    title: 'corrupted CR3',
    d: clause(
      'bad-cr3',
      'vec:::',
      `${HAS_PAGING} && (cr3 >> 5 == 0 || ${IS_LONG} && !(cr4 & 0x20000) && (cr3 & 0xfe7) != 0)`,
      'cr3',
    ),
    ask: 'vec::: { @[cr3] = count(); }',
    evidence: (row) => `CR3 ${hex(bits(row, 'cr3'))} with paging on is not the address of a page table`,
    means: 'CR3 was loaded from a wrong place',
  },
  'user-gs': {
    title: 'register corruption: the user’s GS base in the kernel',
    // Between entry and SWAPGS interrupts are off, so with IF=1 the kernel has its own.
    d: clause(
      'user-gs',
      'vec:::',
      `${KERNEL} && kernel_gs[cpu] && iflag && pc ${UPPER_HALF} && !(gs_base ${UPPER_HALF})`,
      'gs=gs_base',
    ),
    ask: 'vec::: /cpl == 0 && !(gs_base >> 63)/ { printf("%d: pc %x gs %x\\n", seq, pc, gs_base); }',
    evidence: (row) => `GS base ${hex(bits(row, 'gs'))} in kernel code at ${hex(bits(row, 'pc'))}`,
    means: 'a SWAPGS is missing or was done twice: per-CPU data is read from user memory',
  },
  'moved-tables': {
    title: 'register corruption: descriptor tables moved',
    // Kernels set them up before the first program runs, and leave them there.
    d: clause(
      'moved-tables',
      'vec:::',
      'user_seen[cpu] && tables_known[cpu] && (idt_base != last_idt[cpu] || gdt_base != last_gdt[cpu])',
      'idt=idt_base, gdt=gdt_base, idtbefore=last_idt[cpu], gdtbefore=last_gdt[cpu]',
    ),
    ask: 'vec::: { @[cpu, idt_base, gdt_base] = count(); }',
    evidence: (row) =>
      `IDT ${hex(bits(row, 'idtbefore'))} → ${hex(bits(row, 'idt'))}, GDT ${hex(bits(row, 'gdtbefore'))} → ${hex(bits(row, 'gdt'))} after user code had run`,
    means: 'LIDT or LGDT ran again, with something else',
  },
  'interrupts-off': {
    title: 'interrupts disabled for long',
    d: `vec:::
{
	masked_run[cpu] = iflag ? 0 : masked_run[cpu] + 1;
	masked_line[cpu] = masked_run[cpu] == 1 ? line : masked_line[cpu];
	masked_event[cpu] = masked_run[cpu] == 1 ? seq : masked_event[cpu];
}

vec:::
/masked_run[cpu] >= ${MASKED_EVENTS}/
{
	@masked[masked_line[cpu], masked_event[cpu], cpu] = max(masked_run[cpu]);
}

END
{
	printa("interrupts-off line=%d event=%d cpu=%d run=%@d\\n", @masked);
}
`,
    ask: 'vec::: /!iflag/ { @[cpu, pc] = count(); }',
    evidence: (row) =>
      `${number(row, 'run')} exceptions in a row with IF=0 and no event with IF=1 between them`,
    means: 'no timer tick can be delivered meanwhile',
  },
  nmi: {
    title: 'non-maskable interrupt',
    d: clause('nmi', 'vec:interrupt:nmi:', '1'),
    ask: 'vec::nmi: { printf("%d: pc %x\\n", seq, pc); }',
    evidence: (row) => `NMI at pc ${hex(bits(row, 'pc'))}`,
    means: 'a watchdog, a hardware error, or QEMU’s nmi command',
  },
} as const satisfies Record<string, Rule>;

export type RuleName = keyof typeof RULES;

function stackPlace(row: Row): string {
  const sp = bits(row, 'sp');
  if (sp === 0n) return '0';
  const within = (base: bigint, limit: bigint) => sp >= base && sp <= base + limit;
  const [idt, idtLimit] = [bits(row, 'idt'), bits(row, 'idtlimit')];
  if (within(idt, idtLimit)) return `in the IDT (${hex(idt)} to ${hex(idt + idtLimit)})`;
  const [gdt, gdtLimit] = [bits(row, 'gdt'), bits(row, 'gdtlimit')];
  if (within(gdt, gdtLimit)) return `in the GDT (${hex(gdt)} to ${hex(gdt + gdtLimit)})`;
  return 'not canonical';
}

/** What led to a reset or a #DF; cascade.ts puts the rows together. */
export const CASCADE = `cpu:::nested
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

cpu:::reset
/any_event/
{
	printf("reset line=%d event=%d cpu=%d\\n", line, seq, cpu);
}
`;

/** What the rules know of the event before. Each group of registers has its own clause: one may be missing. */
export const REMEMBER = `vec:::
{
	any_event = 1;
	last_vector[cpu] = arg0;
	last_event[cpu] = seq;
	last_line[cpu] = line;
	last_error[cpu] = arg1;
	last_address[cpu] = arg2;
	last_pc[cpu] = arg3;
	last_sp[cpu] = sp;
}

vec:::
/${USER}/
{
	user_seen[cpu] = 1;
	any_user = 1;
}

vec:::
/${KERNEL} && gs_base ${UPPER_HALF}/
{
	kernel_gs[cpu] = 1;
}

vec:::
{
	tables_known[cpu] = 1;
	last_idt[cpu] = idt_base;
	last_gdt[cpu] = gdt_base;
}
`;

/** Counts of the rules made by \`clause\`. */
export const RULE_COUNTS = `END
{
	printa("rule name=%s count=%@d\\n", @counts);
}
`;
