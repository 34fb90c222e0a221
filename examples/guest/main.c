/*
 * The course of things: start up, the kernel's own work on each CPU, the programs, and the account of it all.
 *
 * What is done is known beforehand (options.c), and is counted where it is done; the account printed at the end is what a
 * tracer's counts are held to.
 */
#include "kernel.h"

struct start_info { /* of the PVH boot protocol */
	u32 magic, version, flags, modules;
	u64 module_list, command_line, rsdp;
};
#define START_INFO_MAGIC 0x336ec578

static u32 arrived[3]; /* CPUs at each of the meeting points */
static struct spinlock shared_lock;
static u64 shared;

/* Waits until all CPUs are here. */
static void meet(u32 point)
{
	__atomic_add_fetch(&arrived[point], 1, __ATOMIC_ACQ_REL);
	while (__atomic_load_n(&arrived[point], __ATOMIC_ACQUIRE) != cpu_count)
		relax();
}

/* ---- work for function probes ---- */

TRACEABLE u64 fib(u64 n)
{
	count(COUNT_FIB_CALLS);
	if (n < 2)
		return n;
	return fib(n - 1) + fib(n - 2);
}

/* a calls b, b jumps to c: a tail call, so b is entered and never returns itself. */
TRACEABLE u64 chain_c(u64 n)
{
	count(COUNT_CHAIN_CALLS);
	return n * 3;
}

TRACEABLE __attribute__((optimize("optimize-sibling-calls"))) u64 chain_b(u64 n)
{
	return chain_c(n + 1);
}

TRACEABLE u64 chain_a(u64 n)
{
	return chain_b(n * 2) + 1;
}

/* Runs with interrupts off: what safe mode withholds. */
TRACEABLE u64 quiet_step(u64 n)
{
	count(COUNT_QUIET_CALLS);
	return n ^ n << 1;
}

static void work_quietly(u64 times)
{
	for (u64 i = 0; i < times; i++) {
		interrupts_off();
		quiet_step(i);
		if (i % 4 == 0)
			asm volatile("int3");
		interrupts_on();
	}
}

static void work_locked(u64 times)
{
	for (u64 i = 0; i < times; i++) {
		u64 flags = lock(&shared_lock);

		count(COUNT_LOCKED);
		shared++;
		unlock(&shared_lock, flags);
	}
}

/* Each CPU interrupts the next one, and waits until it was heard before it does so again: requests do not add up. */
static void work_on_next(struct cpu *cpu)
{
	struct cpu *next = &cpus[(cpu->index + 1) % cpu_count];

	for (u64 i = 0; i < options.ipi; i++) {
		u32 seen = next->ipis_seen;

		send_ipi(next->index, IPI_FIXED, VECTOR_IPI);
		while (next->ipis_seen == seen)
			relax();
	}
	for (u64 i = 0; i < options.nmi; i++) {
		volatile u64 *nmis = &next->counts[COUNT_NMIS];
		u64 seen = *nmis;

		send_ipi(next->index, IPI_NMI, 0);
		while (*nmis == seen)
			relax();
	}
}

/* ---- a CPU's course ---- */

static void run_programs(struct cpu *cpu)
{
	programs_start(cpu);
	while (programs_alive(cpu)) {
		interrupts_off();
		yield_cpu();
		interrupts_on();
	}
}

static void work(struct cpu *cpu)
{
	meet(0);
	timer_start(options.hz);
	interrupts_on();
	cpu->fib_result = fib(options.fib);
	for (u64 i = 0; i < options.chain; i++)
		cpu->chain_result += chain_a(i);
	work_quietly(options.quiet);
	work_locked(options.lock);
	work_on_next(cpu);
	run_programs(cpu);
	while (*(volatile u64 *)&cpu->counts[COUNT_TIMER] < options.ticks)
		wait_for_interrupt();
	meet(1); /* nobody interrupts anybody any more */
	interrupts_off();
	timer_stop();
	meet(2); /* all counters stand still */
}

/* ---- the account ---- */

static const char *const counter_names[] = {
#define X(id, name) name,
	COUNTERS(X)
#undef X
};

static const char *const call_names[SYSTEM_CALL_LIMIT] = {
	"unknown",
#define X(number, name) [number] = #name,
	SYSTEM_CALLS(X)
#undef X
};

/* Of one CPU, or of all for `only` = cpu_count. */
static u64 counted(u64 counter, u32 only)
{
	u64 sum = 0;

	for (u32 i = 0; i < cpu_count; i++)
		if (only == cpu_count || only == i)
			sum += cpus[i].counts[counter];
	return sum;
}

static void report_line(u32 only, const char *name, const char *detail, u64 value)
{
	const char *blank = *detail ? " " : "";

	if (only == cpu_count)
		print("guest: %s%s%s %u\n", name, blank, detail, value);
	else
		print("guest: cpu %u: %s%s%s %u\n", (u64)only, name, blank, detail, value);
}

static void report(u32 only)
{
	for (u64 i = 0; i < COUNT_SYSCALL_BY_NUMBER; i++)
		report_line(only, counter_names[i], "", counted(i, only));
	for (u64 i = 0; i < SYSTEM_CALL_LIMIT; i++)
		report_line(only, "syscalls", call_names[i], counted(COUNT_SYSCALL_BY_NUMBER + i, only));
	for (u64 i = 0; i < SYSTEM_CALL_LIMIT; i++)
		report_line(only, "int80", call_names[i], counted(COUNT_INT80_BY_NUMBER + i, only));
}

/* ---- where boot.S goes ---- */

extern u8 first_stack[];

/* Processors are started one by one, so the newest is the one that is not counted yet. */
__attribute__((noreturn)) void ap_main(void)
{
	struct cpu *cpu = &cpus[cpus_started() + 1];

	cpu_start(cpu, ap_stack);
	cpu_has_started();
	work(cpu);
	for (;;)
		asm volatile("cli; hlt");
}

/* Timer and devices are to interrupt through the local APIC only: the old controllers are moved out of the way, and masked. */
static void silence_old_controllers(void)
{
	out8(0x20, 0x11);
	out8(0xa0, 0x11);
	out8(0x21, 0x40); /* vectors 0x40 to 0x4f */
	out8(0xa1, 0x48);
	out8(0x21, 4);
	out8(0xa1, 2);
	out8(0x21, 1);
	out8(0xa1, 1);
	out8(0x21, 0xff);
	out8(0xa1, 0xff);
}

__attribute__((noreturn)) void kernel_main(u64 info)
{
	const struct start_info *start = virtual(info);

	console_start();
	silence_old_controllers();
	if (start->magic == START_INFO_MAGIC && start->command_line)
		read_options(virtual(start->command_line));
	cpu_count = count_cpus();
	cpu_start(&cpus[0], (u64)first_stack + STACK_BYTES);
	print("guest: begin, %u cpus\n", (u64)cpu_count);
	start_other_cpus();
	work(&cpus[0]);
	for (u32 i = 0; i < cpu_count; i++)
		report(i);
	report(cpu_count);
	print("guest: fib result %u\n", cpus[0].fib_result);
	print("guest: chain result %u\n", cpus[0].chain_result);
	print("guest: shared %u\n", shared);
	print("guest: end\n");
	power_off();
}
