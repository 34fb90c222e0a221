/**
 * Rules about the course of events: what repeats, nests, stays away or never comes. Most need no registers.
 *
 * A run is counted per CPU and ends where the log has a hole (BEFORE in rules.ts): what lies there may have ended it.
 */
import { VECTORS } from '../machine/vectors.ts';
import { bits, hex, number, type Row, text } from './rows.ts';
import { ANYWHERE, clause, type Levels, type Rule, X86 } from './rule.ts';
import { vectorShort } from './vectors.ts';

/**
 * Exceptions of one cause at one place with nothing between them. A handler removes the cause or gives up; a program that
 * lives on faults (#UD emulation, a garbage collector) does something else in between. 64 is far above the two or three
 * that retried page faults take on several CPUs. A program may have a loop around a fault that its own handler skips, whose
 * system calls do not show: what never ends comes to 1000 in a few milliseconds.
 */
const STORM_RUN = 64;
const USER_STORM_RUN = 1000;
/** A loop that waits by reading a clock that the firmware emulates does so for some 0.1 s at most. */
const EMULATED_RUN = 50_000;
/** Faults that nest at the same distance from each other, or without a return. By chance that does not happen eight times. */
const RECURSION_RUN = 8;
/**
 * Exceptions without a device's interrupt between them. Each costs QEMU some 10 µs, so these are 0.2 s and more of busy
 * guest: twenty ticks at 100 Hz. An idle guest has no events and is not meant. Calls by INT n count an eighth: they are
 * short, and with -icount cost what their instructions cost.
 */
const SILENT_EVENTS = 20_000;
const SILENT_WEIGHT = 8;
/** A second between two interrupts, and busy (50 ms of events): tickless kernels start the tick when they leave idle. */
const LATE_NS = 1_000_000_000;
const LATE_EVENTS = 5000;
/** Interrupts that come so soon after each other leave no time for anything else. */
const FLOOD_NS = 50_000;
const FLOOD_RUN = 1000;
/** Interrupts that all strike one small loop: ten seconds at 100 Hz. A program may well compute that long. */
const LOOP_RUN = 1000;
const USER_LOOP_RUN = 5000;
const LOOP_BYTES = 64;
/** HLT is always struck behind itself, so a loop that is no idle loop is struck at several of its instructions. */
const LOOP_MOVES = 10;
/** The same for code of any size: a hundred seconds at 100 Hz in which no program gets its turn. */
const RING_RUN = 10_000;
/** Events of one CPU by which a kernel that prepares for user code has run some: forty seconds of a busy boot at 250 Hz. */
const PREPARED_EVENTS = 10_000;
/** Programs that live so long have asked their kernel for something. */
const USER_EVENTS = 1000;
/** Consecutive events with interrupts disabled: at 10 µs each as long as a tick at 100 Hz, which is lost then. */
const MASKED_EVENTS = 1000;
/** Where the log has times, ten ticks at 100 Hz tell with fewer events. */
const MASKED_NS = 100_000_000;
const MASKED_FEW = 100;

export const COURSE_RULES = {
  storm: {
    title: 'exception storm',
    on: ANYWHERE,
    d: (levels) => `vec:exception::
{
	this->same = arg0 == storm_vector[cpu] && arg3 == storm_pc[cpu] && arg2 == storm_address[cpu] &&
	    storm_alone[cpu] && !this->cut;
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
/storm_run[cpu] >= (${levels.kernel} ? ${STORM_RUN} : ${USER_STORM_RUN})${notStorms(levels)}/
{
	@storms[storm_line[cpu], storm_event[cpu], cpu, arg0, probefunc, arg3, arg2] = max(storm_run[cpu]);
}

END
{
	printa("storm line=%d event=%d cpu=%d vector=%d name=%s pc=%#x address=%#x run=%@d\\n", @storms);
}
`,
    ask: () => 'vec:exception:: { @[probefunc, arg3, arg2] = count(); }',
    evidence: (row) =>
      `${number(row, 'run')} times in a row ${causeOf(row)} at pc ${hex(bits(row, 'pc'))}, address ${hex(bits(row, 'address'))}`,
    means: 'the handler returns without removing the cause, so the instruction faults again at once',
  },
  recursion: {
    title: 'a fault in its own handler',
    on: ['x86', 'arm'],
    d: ({ architecture, kernel }) => (architecture === 'arm' ? NESTING : nestedStacks(kernel)),
    ask: ({ architecture }) =>
      architecture === 'arm'
        ? 'vec:exception::return, vec:exception:: /arg4 > 0/ { printf("%d: %s:%s pc %x\\n", seq, probefunc, probename, arg3); }'
        : 'vec:exception:: /cpl == 0/ { printf("%d: %s pc %x sp %x\\n", seq, probefunc, pc, sp); }',
    evidence: (row) => {
      const [run, pc] = [number(row, 'run'), bits(row, 'pc')];
      if (!row.values.has('step'))
        return `${run} exceptions of one level without a return between them, the last ${text(row, 'name')} at pc ${hex(pc)}`;
      const [step, sp] = [number(row, 'step'), bits(row, 'sp')];
      const fell = `the stack pointer fell from ${hex(sp)} by ${step} bytes each time`;
      const unmapped =
        pc === bits(row, 'address') ? `; the handler itself, at ${hex(pc)}, is not mapped` : '';
      return `${run} nested ${vectorShort(number(row, 'vector'))} at pc ${hex(pc)}: ${fell}${unmapped}`;
    },
    means: 'each delivery of the exception raises it again, until the stack runs out',
  },
  'unexpected-cause': {
    title: 'an exception that nothing healthy raises',
    on: ['arm', 'riscv'],
    d: ({ architecture, kernel }) =>
      architecture === 'arm'
        ? clause(
            'unexpected-cause',
            'vec:exception:illegal_state:,\nvec:exception:pc_alignment:,\nvec:exception:sp_alignment:,\nvec:interrupt:serror:',
            `arg0 == 0x0e || arg0 == 0x2f || ${kernel}`,
            ['cause=arg0', 'address=arg2'],
          )
        : clause(
            'unexpected-cause',
            'vec:exception:double_trap:,\nvec:exception:hardware_error:,\nvec:exception:reserved:',
            '1',
            ['cause=arg0', 'address=arg2'],
          ),
    ask: () => 'vec:exception::, vec:interrupt:serror: { @[probefunc, arg4, arg3] = count(); }',
    evidence: (row) =>
      `cause ${hex(bits(row, 'cause'))} at pc ${hex(bits(row, 'pc'))}, address ${hex(bits(row, 'address'))}`,
    means:
      'the kernel returned to a state that there is not, its stack or pc is misaligned, or hardware failed',
  },
  'no-timer': {
    title: 'missing timer interrupts',
    on: ANYWHERE,
    d: () => `vec:exception::
{
	irq_weight += ${SILENT_WEIGHT};
	irq_events++;
}

vec:soft::
{
	irq_weight++;
	irq_events++;
}

vec:interrupt::
/irq_weight > ${SILENT_EVENTS * SILENT_WEIGHT}/
{
	printf("no-timer line=%d event=%d cpu=%d silent=%d\\n", line, seq, cpu, irq_events);
}

END
/irq_weight > ${SILENT_EVENTS * SILENT_WEIGHT}/
{
	printf("no-timer line=%d event=%d cpu=0 silent=%d\\n", end_line, end_event, irq_events);
}
`,
    ask: () =>
      'BEGIN { before = (uint64_t)0; } vec:interrupt:: { @ = quantize(seq - before); before = seq; }',
    evidence: (row) => `${number(row, 'silent')} events without any interrupt of a device`,
    means: 'the timer is stopped or masked, or its interrupt was never acknowledged',
  },
  'late-timer': {
    title: 'irregular timer interrupts',
    on: ANYWHERE,
    d: () => `vec:interrupt::
/irq_any && timestamp - irq_time > ${LATE_NS} && irq_events > ${LATE_EVENTS}/
{
	printf("late-timer line=%d event=%d cpu=%d late=%d events=%d\\n", line, seq, cpu, (timestamp - irq_time) / 1000000,
	    irq_events);
}

vec:interrupt::
{
	irq_any = 1;
	irq_time = timestamp;
	irq_weight = 0;
	irq_events = 0;
}
`,
    ask: () =>
      'BEGIN { last[(int64_t)0] = (uint64_t)0; } vec:interrupt:: { @[arg0] = quantize(timestamp - last[arg0]); last[arg0] = timestamp; }',
    evidence: (row) =>
      `${number(row, 'late')} ms and ${number(row, 'events')} events between two interrupts of devices`,
    means: 'interrupts were kept off, or the timer was not set again, while the guest was busy',
  },
  'interrupt-storm': {
    title: 'interrupt storm',
    on: ANYWHERE,
    // Times may be those of a few lines only: then many events have the same, which tells nothing.
    d: () => `vec:interrupt::
{
	this->same = arg0 == flood_vector[cpu] && arg3 == flood_pc[cpu] && irq_alone[cpu] && !this->cut &&
	    timestamp > flood_time[cpu] && timestamp - flood_time[cpu] < ${FLOOD_NS};
	flood_run[cpu] = this->same ? flood_run[cpu] + 1 : 1;
	flood_line[cpu] = this->same ? flood_line[cpu] : line;
	flood_event[cpu] = this->same ? flood_event[cpu] : seq;
	flood_vector[cpu] = arg0;
	flood_pc[cpu] = arg3;
	flood_time[cpu] = timestamp;
}

vec:interrupt::
/flood_run[cpu] >= ${FLOOD_RUN}/
{
	@floods[flood_line[cpu], flood_event[cpu], cpu, arg0, arg3] = max(flood_run[cpu]);
}

END
{
	printa("interrupt-storm line=%d event=%d cpu=%d vector=%d pc=%#x run=%@d\\n", @floods);
}
`,
    ask: () => 'vec:interrupt:: { @[probefunc, arg0, arg3] = count(); }',
    evidence: (row) =>
      `${number(row, 'run')} times in a row vector ${hex(bits(row, 'vector'))} at pc ${hex(bits(row, 'pc'))}, less than ${FLOOD_NS / 1000} µs apart`,
    means: 'the device was not told that its interrupt is handled, so it interrupts again at once',
  },
  'stuck-loop': {
    title: 'stuck in one ring, in one loop',
    on: ANYWHERE,
    d: ({ user }) => `vec:interrupt::
{
	this->inside = arg3 - loop_base[cpu] < ${LOOP_BYTES} && arg4 == loop_level[cpu] && irq_alone[cpu] && !this->cut;
	loop_moves[cpu] = this->inside ? loop_moves[cpu] + (arg3 != loop_pc[cpu]) : 0;
	loop_run[cpu] = this->inside ? loop_run[cpu] + 1 : 1;
	loop_base[cpu] = this->inside ? loop_base[cpu] : arg3 - ${LOOP_BYTES / 2};
	loop_line[cpu] = this->inside ? loop_line[cpu] : line;
	loop_event[cpu] = this->inside ? loop_event[cpu] : seq;
	loop_level[cpu] = arg4;
}

vec:interrupt::
/loop_run[cpu] >= (${user} ? ${USER_LOOP_RUN} : ${LOOP_RUN}) && loop_moves[cpu] >= ${LOOP_MOVES}/
{
	@loops[loop_line[cpu], loop_event[cpu], cpu, arg4, loop_base[cpu] + ${LOOP_BYTES / 2}] = max(loop_run[cpu]);
}

END
{
	printa("stuck-loop line=%d event=%d cpu=%d level=%d pc=%#x run=%@d\\n", @loops);
}
`,
    ask: () => 'vec:interrupt:: { @[arg4, arg3 & ~63] = count(); }',
    evidence: (row) =>
      `${number(row, 'run')} interrupts in a row strike ${LOOP_BYTES} bytes of code at ${hex(bits(row, 'pc'))}, all at level ${number(row, 'level')}`,
    means: 'the CPU waits in a loop for something that does not come (an idle loop with HLT looks different)',
  },
  'stuck-ring': {
    title: 'stuck in the kernel',
    on: ['x86', 'arm'],
    // One that is idle is struck at the same place again and again.
    d: ({ kernel }) => `vec:interrupt::
{
	this->inside = ${kernel} && arg3 != loop_pc[cpu] && irq_alone[cpu] && user_seen[cpu] && !this->cut;
	ring_run[cpu] = this->inside ? ring_run[cpu] + 1 : 0;
	ring_line[cpu] = this->inside ? ring_line[cpu] : line;
	ring_event[cpu] = this->inside ? ring_event[cpu] : seq;
}

vec:interrupt::
/ring_run[cpu] >= ${RING_RUN}/
{
	@rings[ring_line[cpu], ring_event[cpu], cpu] = max(ring_run[cpu]);
}

END
{
	printa("stuck-ring line=%d event=%d cpu=%d run=%@d\\n", @rings);
}
`,
    ask: () => 'vec:interrupt:: { @[cpu, arg4, arg3] = count(); }',
    evidence: (row) =>
      `${number(row, 'run')} interrupts in a row, each at another place of the kernel, and nothing else`,
    means:
      'the kernel is busy with itself (a lock that is never free, a list without an end), and no program runs',
  },
  'no-user-mode': {
    title: 'no user mode',
    on: X86,
    d: ({ user }) => `vec:::
/!any_user && !(${user}) && ((efer & 1) != 0 || tr != 0)/
{
	ready[cpu]++;
	prepared = ready[cpu] > prepared ? ready[cpu] : prepared;
}

END
/prepared >= ${PREPARED_EVENTS} && !any_user/
{
	printf("no-user-mode line=%d event=%d cpu=0 prepared=%d\\n", end_line, end_event, prepared);
}
`,
    ask: () => 'vec::: { @[cpl] = count(); }',
    evidence: (row) =>
      `${number(row, 'prepared')} events of one CPU after SYSCALL or a task register was set up, none at CPL 3`,
    means: 'the kernel prepared for user code and never ran any',
  },
  'no-system-calls': {
    title: 'no system calls',
    on: ANYWHERE,
    d: ({ architecture, user, kernel }) => `vec:::
{
	user_events += ${user};
}

${architecture === 'x86' ? hiddenCalls(user, kernel) : ''}vec:soft::
/${user}/
{
	int_calls++;
}

END
/user_events >= ${USER_EVENTS} && !hidden_calls && !int_calls/
{
	printf("no-system-calls line=%d event=%d cpu=0 events=%d\\n", end_line, end_event, user_events);
}
`,
    ask: ({ user }) => `vec::: /${user}/ { @[probemod, probefunc] = count(); }`,
    evidence: (row) => `${number(row, 'events')} events in user mode, and no sign of a call`,
    means: 'user code runs but never calls the kernel',
  },
  'interrupts-off': {
    title: 'interrupts disabled for long',
    on: X86,
    // IF does not hold NMIs back, so they tell nothing; memtest86+ has no other interrupts, and its CPUs wake each other by them.
    d: () => `vec:::
/arg0 != 2 && (!iflag || masked_run[cpu] > 0)/
{
	masked_run[cpu] = iflag || this->cut ? 0 : masked_run[cpu] + 1;
}

vec:::
/arg0 != 2 && !iflag && masked_run[cpu] == 1/
{
	masked_line[cpu] = line;
	masked_event[cpu] = seq;
	masked_since[cpu] = timestamp;
}

vec:::
/arg0 != 2 && !iflag && (masked_run[cpu] >= ${MASKED_EVENTS} || masked_run[cpu] >= ${MASKED_FEW} && irq_any && timestamp - masked_since[cpu] >= ${MASKED_NS})/
{
	@masked[masked_line[cpu], masked_event[cpu], cpu] = max(masked_run[cpu]);
	@masked_ns[masked_line[cpu], masked_event[cpu], cpu] = max(timestamp - masked_since[cpu]);
}

END
{
	printa("interrupts-off line=%d event=%d cpu=%d run=%@d ns=%@d\\n", @masked, @masked_ns);
}
`,
    ask: () => 'vec::: /!iflag/ { @[cpu, pc] = count(); }',
    evidence: (row) => {
      const ms = Math.round(number(row, 'ns') / 1e6);
      const took = ms > 0 ? `, ${ms} ms` : '';
      return `${number(row, 'run')} exceptions in a row with IF=0 and no event with IF=1 between them${took}`;
    },
    means: 'no timer tick can be delivered meanwhile',
  },
  nmi: {
    title: 'non-maskable interrupt',
    on: X86,
    d: () => clause('nmi', 'vec:interrupt:nmi:', '1'),
    ask: () => 'vec::nmi: { printf("%d: pc %x\\n", seq, pc); }',
    evidence: (row) => `NMI at pc ${hex(bits(row, 'pc'))}`,
    means: 'a watchdog, a hardware error, or QEMU’s nmi command',
  },
} as const satisfies Record<string, Rule>;

/** Debuggers live on the same exception at the same place, and RISC-V's firmware does some instructions for the kernel. */
function notStorms({ architecture }: Levels): string {
  switch (architecture) {
    case 'x86':
      return ' && arg0 != 1 && arg0 != 3';
    case 'arm':
      return ' && arg0 != 1'; // WFI, for a hypervisor
    case 'riscv':
      return ` && arg0 != 3 && (arg0 != 2 && arg0 != 4 && arg0 != 6 || storm_run[cpu] >= ${EMULATED_RUN})`;
  }
}

/** x86 exceptions have short names that everybody knows. */
function causeOf(row: Row): string {
  const [vector, name] = [number(row, 'vector'), text(row, 'name')];
  return name in VECTORS && VECTORS[name as keyof typeof VECTORS].vector === vector
    ? vectorShort(vector)
    : name;
}

/** x86 has the stack pointer, and nothing that tells of returns. */
function nestedStacks(kernel: string): string {
  return `vec:exception::
/${kernel}/
{
	this->step = last_sp[cpu] - sp;
	this->same = arg0 == last_vector[cpu] && arg3 == last_pc[cpu] && this->step == step[cpu] && this->step > 0 &&
	    this->step < 4096 && !this->cut;
	recursion_run[cpu] = this->same ? recursion_run[cpu] + 1 : 1;
	recursion_line[cpu] = this->same ? recursion_line[cpu] : last_line[cpu];
	recursion_event[cpu] = this->same ? recursion_event[cpu] : last_event[cpu];
	recursion_sp[cpu] = this->same ? recursion_sp[cpu] : last_sp[cpu];
	step[cpu] = this->step;
}

vec:exception::
/${kernel} && recursion_run[cpu] >= ${RECURSION_RUN}/
{
	@recursions[recursion_line[cpu], recursion_event[cpu], cpu, arg0, arg3, arg2, recursion_sp[cpu], this->step] =
	    max(recursion_run[cpu]);
}

END
{
	printa("recursion line=%d event=%d cpu=%d vector=%d pc=%#x address=%#x sp=%#x step=%d run=%@d\\n", @recursions);
}
`;
}

/** Arm's logs show returns. 32-bit code has none in the log, so one must have been seen before. */
const NESTING = `vec:::return
{
	nest_run[cpu] = 0;
	nest_known[cpu] = 1;
}

vec:exception::
{
	nest_run[cpu] = arg4 >= 1 ? nest_run[cpu] + 1 : 0;
	nest_line[cpu] = nest_run[cpu] <= 1 ? line : nest_line[cpu];
	nest_event[cpu] = nest_run[cpu] <= 1 ? seq : nest_event[cpu];
}

vec:exception::
/nest_known[cpu] && nest_run[cpu] >= ${RECURSION_RUN}/
{
	@nestings[nest_line[cpu], nest_event[cpu], cpu, probefunc, arg3] = max(nest_run[cpu]);
}

END
{
	printa("recursion line=%d event=%d cpu=%d name=%s pc=%#x run=%@d\\n", @nestings);
}
`;

/**
 * SYSCALL and SYSENTER are no events. That the first is there, EFER tells; of both, that devices interrupt the kernel: one
 * that is never called is in exception handlers only.
 */
function hiddenCalls(user: string, kernel: string): string {
  return `vec:::
/${user} && (efer & 1) != 0/
{
	hidden_calls = 1;
}

vec:interrupt::
/${kernel} && any_user/
{
	hidden_calls = 1;
}

`;
}
