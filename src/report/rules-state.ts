/**
 * Rules about registers: values that a healthy kernel never has at an event, or that changed where they may not.
 *
 * Which addresses are the kernel's: the upper half in 64-bit code. 32-bit kernels lie where they like; what is at or above
 * the lowest 16 MiB where this one was seen after its first program is its own, when that is in the upper 2 GiB.
 */

import { bits, hex, number, type Row } from './rows.ts';
import { ANYWHERE, clause, type Levels, type Rule, X86 } from './rule.ts';

/** Interrupts at one place between which the stack pointer moves by the same distance. An idle loop's stays where it is. */
const DRIFT_RUN = 16;

const UPPER_HALF = '>> 63 == 1';
const HAS_PAGING = '(cr0 >> 31 & 1) == 1';
const IS_LONG = '(efer & 0x400) != 0';
/** With five levels of page tables (CR4.LA57) addresses have 57 bits. */
const CANONICAL = '(uint64_t)((int64_t)sp >> (cr4 & 0x1000 ? 56 : 47)) + 1 <= 1';
/** 32-bit: the page at the top is where kernels of old put their programs' system call. */
const KERNEL_PC_32 =
  '!(IS_LONG) && kernel_low[cpu] >= 0x80000000 && pc >= (kernel_low[cpu] & 0xff000000) && pc < 0xffff0000'.replace(
    'IS_LONG',
    IS_LONG,
  );

/**
 * The header says where the code and its stack were, and the dump says it again: two values that differ are of a record that
 * was torn. The cross-check comes last in each predicate, since it is seldom reached.
 */
const WHOLE = 'rsp == sp && rip == pc && (cs & 3) == arg4';
/** Other values are in the dump only; they must last for two events of the same CPU, which its task register tells. */
const SAME_CPU = 'tr_base == last_tr[cpu]';

export const STATE_RULES = {
  'user-kernel-address': {
    title: 'user mode with a kernel address',
    on: ANYWHERE,
    // Linux's vsyscall page is the one address up there that user code may go to.
    d: ({ architecture, user }) =>
      architecture === 'x86'
        ? clause(
            'user-kernel-address',
            'vec:::',
            `${user} && (pc ${UPPER_HALF} && pc >> 12 != 0xffffffffff600 || sp ${UPPER_HALF} || ${KERNEL_PC_32}) && ${WHOLE}`,
          )
        : clause('user-kernel-address', 'vec:::', `${user} && pc ${UPPER_HALF}`, []),
    ask: ({ architecture, user }) =>
      architecture === 'x86'
        ? 'vec::: /cpl == 3 && (pc >> 63 || sp >> 63 || !(efer & 0x400) && pc >= 0x80000000)/ { printf("%d: pc %x sp %x\\n", seq, pc, sp); }'
        : `vec::: /${user} && pc >> 63/ { printf("%d: pc %x\\n", seq, pc); }`,
    evidence: (row) =>
      `pc ${hex(bits(row, 'pc'))}${row.values.has('sp') ? `, stack pointer ${hex(bits(row, 'sp'))}` : ''} in user mode`,
    means: 'a return to user mode loaded an address of the kernel, or a program jumped to one',
  },
  'user-interrupts-off': {
    title: 'register corruption: user mode with interrupts disabled',
    on: X86,
    // Kernels that never let them be enabled there mean it; and no program can do that to itself.
    d: ({ user }) =>
      clause('user-interrupts-off', 'vec:::', `${user} && !iflag && user_unmasked[cpu] && ${WHOLE}`, [
        'sp',
        'flags=rflags',
      ]),
    ask: () => 'vec::: /cpl == 3 && !iflag/ { printf("%d: pc %x flags %x\\n", seq, pc, rflags); }',
    evidence: (row) => `IF=0 (flags ${hex(bits(row, 'flags'))}) at pc ${hex(bits(row, 'pc'))} in user mode`,
    means: 'the kernel returned to a program with wrong flags: no interrupt can take the CPU from it',
  },
  'kernel-user-stack': {
    title: 'CPL 0 on a user stack',
    on: X86,
    // With IF=1 the entry code, which still has the user's stack at SYSCALL, is behind the kernel.
    d: ({ kernel }) =>
      clause(
        'kernel-user-stack',
        'vec:::',
        `${kernel} && user_seen[cpu] && iflag && (pc ${UPPER_HALF} ? !(sp ${UPPER_HALF}) : !(${IS_LONG}) && pc >= 0xc0000000 && sp < 0xc0000000) && ${WHOLE}`,
      ),
    ask: () => 'vec::: /cpl == 0 && pc >> 63 && !(sp >> 63)/ { printf("%d: pc %x sp %x\\n", seq, pc, sp); }',
    evidence: (row) => `kernel code at ${hex(bits(row, 'pc'))} with stack pointer ${hex(bits(row, 'sp'))}`,
    means: 'the kernel did not switch stacks when it was entered',
  },
  'stack-unaligned': {
    title: 'unaligned stack pointer',
    on: X86,
    // Kernels push whole words; what real mode does is the firmware's.
    d: ({ kernel }) =>
      clause('stack-unaligned', 'vec:::', `${kernel} && ${HAS_PAGING} && (sp & (${IS_LONG} ? 7 : 3)) != 0`),
    ask: () => 'vec::: /cpl == 0 && (sp & (efer & 0x400 ? 7 : 3)) != 0/ { printf("%d: sp %x\\n", seq, sp); }',
    evidence: (row) => `kernel stack pointer ${hex(bits(row, 'sp'))} at pc ${hex(bits(row, 'pc'))}`,
    means: 'something changed the stack pointer by other than whole words',
  },
  'stack-range': {
    title: 'stack pointer out of range',
    on: X86,
    d: ({ kernel }) =>
      clause(
        'stack-range',
        'vec:::',
        `${kernel} && (cr0 & 1) && (sp == 0 || sp - idt_base < idt_limit + 1 && idt_limit != 0 || sp - gdt_base < gdt_limit + 1 || ${IS_LONG} && !(${CANONICAL})) && ${WHOLE}`,
        ['sp', 'idt=idt_base', 'idtlimit=idt_limit', 'gdt=gdt_base', 'gdtlimit=gdt_limit'],
      ),
    ask: () =>
      'vec::: /cpl == 0 && (sp == 0 || sp - idt_base <= idt_limit || sp - gdt_base <= gdt_limit)/ { printf("%d: sp %x\\n", seq, sp); }',
    evidence: (row) => `kernel stack pointer ${hex(bits(row, 'sp'))} is ${stackPlace(row)}`,
    means: 'the stack ran over its end, and what is pushed now overwrites something else',
  },
  'stack-drift': {
    title: 'stack pointer changed across interrupts',
    on: X86,
    d: ({ kernel }) => `vec:interrupt::
{
	this->step = drift_sp[cpu] - sp;
	this->same = ${kernel} && arg3 == loop_pc[cpu] && irq_alone[cpu] && this->step == drift_step[cpu] && this->step != 0 &&
	    !this->cut;
	drift_run[cpu] = this->same ? drift_run[cpu] + 1 : 1;
	drift_line[cpu] = this->same ? drift_line[cpu] : line;
	drift_event[cpu] = this->same ? drift_event[cpu] : seq;
	drift_step[cpu] = this->step;
	drift_sp[cpu] = sp;
}

vec:interrupt::
/drift_run[cpu] >= ${DRIFT_RUN}/
{
	@drifts[drift_line[cpu], drift_event[cpu], cpu, arg3, (int64_t)this->step] = max(drift_run[cpu]);
}

END
{
	printa("stack-drift line=%d event=%d cpu=%d pc=%#x step=%d run=%@d\\n", @drifts);
}
`,
    ask: () => 'vec:interrupt:: /cpl == 0/ { printf("%d: pc %x sp %x\\n", seq, pc, sp); }',
    evidence: (row) => {
      const step = number(row, 'step');
      return `${number(row, 'run')} interrupts in a row at pc ${hex(bits(row, 'pc'))}, and each time the stack pointer was ${Math.abs(step)} bytes ${step > 0 ? 'lower' : 'higher'}`;
    },
    means: 'the handler returns with another stack pointer than it was entered with',
  },
  'bad-cr3': {
    title: 'corrupted CR3',
    on: X86,
    d: () =>
      clause(
        'bad-cr3',
        'vec:::',
        `${HAS_PAGING} && (cr3 >> 5 == 0 || ${IS_LONG} && !(cr4 & 0x20000) && (cr3 & 0xfe7) != 0) && last_cr3[cpu] == cr3 + 1`,
        ['sp', 'cr3'],
      ),
    ask: () => 'vec::: { @[cr3] = count(); }',
    evidence: (row) => `CR3 ${hex(bits(row, 'cr3'))} with paging on is not the address of a page table`,
    means: 'CR3 was loaded from a wrong place',
  },
  'user-gs': {
    title: 'register corruption: the user’s GS base in the kernel',
    on: X86,
    // Between entry and SWAPGS interrupts are off, so with IF=1 the kernel has its own; an event later it still has the user's.
    d: ({ kernel }) =>
      clause(
        'user-gs',
        'vec:::',
        `${kernel} && kernel_gs[cpu] && suspect_gs[cpu] == gs_base + 1 && pc ${UPPER_HALF} && !(gs_base ${UPPER_HALF})`,
        ['sp', 'gs=gs_base'],
      ),
    ask: () => 'vec::: /cpl == 0 && !(gs_base >> 63)/ { printf("%d: pc %x gs %x\\n", seq, pc, gs_base); }',
    evidence: (row) => `GS base ${hex(bits(row, 'gs'))} in kernel code at ${hex(bits(row, 'pc'))}`,
    means: 'a SWAPGS is missing or was done twice: per-CPU data is read from user memory',
  },
  'lost-protection': {
    title: 'register corruption: protection switched off',
    on: X86,
    // Kernels set these before the first program runs, and clear them for a few instructions with interrupts off at most.
    d: () =>
      clause(
        'lost-protection',
        'vec:::',
        `iflag && (protection[cpu] & ~last_bits[cpu]) != 0 && last_bits[cpu] == (${PROTECTION}) && ${SAME_CPU}`,
        ['sp', `lost=protection[cpu] & ~last_bits[cpu]`, 'cr0', 'cr4', 'efer'],
      ),
    ask: () => 'vec::: { @[cpu, cr0, cr4, efer] = count(); }',
    evidence: (row) =>
      `${lostNames(bits(row, 'lost'))} cleared (CR0 ${hex(bits(row, 'cr0'))}, CR4 ${hex(bits(row, 'cr4'))}, EFER ${hex(bits(row, 'efer'))}) after user code had run`,
    means:
      'a control register was written with a wrong value: the kernel is no longer protected from its programs',
  },
  'moved-tables': {
    title: 'register corruption: descriptor tables moved',
    on: X86,
    // Kernels set them up before the first program runs, and leave them there; calls of the firmware have interrupts off.
    d: () =>
      clause(
        'moved-tables',
        'vec:::',
        `iflag && user_seen[cpu] && known_gdt[cpu] && (last_idt[cpu] != known_idt[cpu] || last_gdt[cpu] != known_gdt[cpu]) && idt_base == last_idt[cpu] && gdt_base == last_gdt[cpu] && ${SAME_CPU}`,
        ['sp', 'idt=idt_base', 'gdt=gdt_base', 'idtbefore=known_idt[cpu]', 'gdtbefore=known_gdt[cpu]'],
      ),
    ask: () => 'vec::: { @[cpu, idt_base, gdt_base] = count(); }',
    evidence: (row) =>
      `IDT ${hex(bits(row, 'idtbefore'))} → ${hex(bits(row, 'idt'))}, GDT ${hex(bits(row, 'gdtbefore'))} → ${hex(bits(row, 'gdt'))} after user code had run`,
    means: 'LIDT or LGDT ran again, with something else',
  },
} as const satisfies Record<string, Rule>;

/** CR0.WP, CR4's UMIP, SMEP and SMAP at their places, and EFER.NXE one to the left, where CR4 has LA57. */
const PROTECTION = '(cr0 & 0x10000) | (cr4 & 0x300800) | (efer & 0x800) << 1';
const PROTECTION_NAMES = [
  [0x10000n, 'CR0.WP'],
  [0x800n, 'CR4.UMIP'],
  [0x100000n, 'CR4.SMEP'],
  [0x200000n, 'CR4.SMAP'],
  [0x1000n, 'EFER.NXE'],
] as const;

function lostNames(lost: bigint): string {
  return PROTECTION_NAMES.filter(([bit]) => (lost & bit) !== 0n)
    .map(([, name]) => name)
    .join(', ');
}

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

/** What these rules know of earlier events: all in one clause, since a record has all registers or none. */
export function rememberState({ user, kernel }: Levels): string {
  return `vec:::
{
	this->bits = ${PROTECTION};
	this->mine = ${SAME_CPU};
	protection[cpu] = ${user} && this->mine && last_bits[cpu] == this->bits ? this->bits : protection[cpu];
	user_unmasked[cpu] |= ${user} && iflag;
	kernel_gs[cpu] |= ${kernel} && gs_base ${UPPER_HALF};
	kernel_low[cpu] = ${kernel} && user_seen[cpu] && !(${IS_LONG}) && ${HAS_PAGING} &&
	    (kernel_low[cpu] == 0 || pc < kernel_low[cpu]) ? pc : kernel_low[cpu];
	/* One more than the value, so that 0 is none. */
	suspect_gs[cpu] = ${kernel} && iflag && pc ${UPPER_HALF} && !(gs_base ${UPPER_HALF}) ? gs_base + 1 : 0;
	last_cr3[cpu] = cr3 + 1;
}

/* Tables seen at two events of this CPU are known. */
vec:::
/iflag && this->mine && idt_base == last_idt[cpu] && gdt_base == last_gdt[cpu]/
{
	known_idt[cpu] = idt_base;
	known_gdt[cpu] = gdt_base;
}

vec:::
/iflag/
{
	last_idt[cpu] = idt_base;
	last_gdt[cpu] = gdt_base;
	last_bits[cpu] = this->bits;
	last_tr[cpu] = tr_base;
}
`;
}

/** A CPU that begins again, after a reset or with paging off, knows nothing. */
export const FORGET_STATE = `	user_unmasked[cpu] = 0;
	protection[cpu] = 0;
	kernel_gs[cpu] = 0;
	kernel_low[cpu] = 0;
	known_gdt[cpu] = 0;
	last_gdt[cpu] = 0;
	last_tr[cpu] = 0;
`;
