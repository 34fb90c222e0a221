/*
 * One processor and its local APIC: descriptor tables, system call entry, timer, IPIs, and how the others are started.
 */
#include "kernel.h"

#define MSR_STAR 0xc0000081
#define MSR_LSTAR 0xc0000082
#define MSR_FMASK 0xc0000084
#define MSR_GS_BASE 0xc0000101
#define MSR_KERNEL_GS_BASE 0xc0000102

/* The local APIC, at physical 0xfee00000; kernel.h's KERNEL_BASE leaves the fourth GiB at the top of memory. */
#define APIC_BASE 0xfffffffffee00000ul
#define APIC_EOI 0x0b0
#define APIC_SPURIOUS 0x0f0
#define APIC_COMMAND 0x300
#define APIC_TARGET 0x310
#define APIC_TIMER 0x320
#define APIC_LINT0 0x350
#define APIC_LINT1 0x360
#define APIC_INITIAL_COUNT 0x380
#define APIC_DIVIDE 0x3e0
#define APIC_MASKED 0x10000u
#define APIC_PERIODIC 0x20000u
#define APIC_BUSY 0x1000u
#define IPI_INIT 0x4500u
#define IPI_START 0x4600u

struct cpu cpus[MAX_CPUS];
u32 cpu_count;
static u32 others_started;
static u8 interrupt_stacks[MAX_CPUS][3][STACK_BYTES] __attribute__((aligned(16)));
static u8 ap_stacks[MAX_CPUS][STACK_BYTES] __attribute__((aligned(16)));

static u32 apic_read(u64 reg) { return *(volatile u32 *)(APIC_BASE + reg); }
static void apic_write(u64 reg, u32 value) { *(volatile u32 *)(APIC_BASE + reg) = value; }

struct table_pointer {
	u16 limit;
	u64 base;
} __attribute__((packed));

/* Each CPU has a GDT of its own: its TSS is in it, and who reads a log can tell the CPUs apart by its address. */
static void load_segments(struct cpu *cpu, u64 stack_top)
{
	struct table_pointer pointer = { sizeof cpu->gdt - 1, (u64)cpu->gdt };
	u64 tss = (u64)&cpu->tss;

	cpu->gdt[1] = 0x00af9a000000ffff; /* KERNEL_CODE */
	cpu->gdt[2] = 0x00cf92000000ffff; /* KERNEL_DATA */
	cpu->gdt[3] = 0x00cff2000000ffff; /* USER_DATA */
	cpu->gdt[4] = 0x00affa000000ffff; /* USER_CODE */
	cpu->gdt[5] = 0x0000890000000000 | (sizeof cpu->tss - 1) | (tss & 0xffffff) << 16 | (tss >> 24 & 0xff) << 56;
	cpu->gdt[6] = tss >> 32;
	cpu->tss.rsp[0] = stack_top;
	for (int i = 0; i < 3; i++)
		cpu->tss.ist[i] = (u64)interrupt_stacks[cpu->index][i] + STACK_BYTES;
	cpu->tss.io_map = sizeof cpu->tss;
	asm volatile("lgdt %0" : : "m"(pointer));
	asm volatile("ltr %w0" : : "r"(TASK_STATE));
}

static void allow_syscall(void)
{
	write_msr(MSR_STAR, (u64)(USER_DATA - 8) << 48 | (u64)KERNEL_CODE << 32);
	write_msr(MSR_LSTAR, (u64)syscall_entry);
	write_msr(MSR_FMASK, 0x47700); /* TF, IF, DF, IOPL, NT and AC are cleared on the way in */
}

void cpu_start(struct cpu *cpu, u64 stack_top)
{
	cpu->self = cpu;
	cpu->index = cpu - cpus;
	cpu->kernel_rsp = stack_top;
	cpu->current = &cpu->tasks[0];
	cpu->tasks[0].state = RUNNABLE;
	cpu->tasks[0].cr3 = read_cr3();
	cpu->tasks[0].stack_top = stack_top;
	load_segments(cpu, stack_top);
	write_msr(MSR_GS_BASE, (u64)cpu);
	write_msr(MSR_KERNEL_GS_BASE, 0);
	traps_start();
	allow_syscall();
	apic_write(APIC_LINT0, APIC_MASKED);
	apic_write(APIC_LINT1, APIC_MASKED);
	apic_write(APIC_SPURIOUS, 0x100 | VECTOR_SPURIOUS);
}

void end_of_interrupt(void) { apic_write(APIC_EOI, 0); }

void timer_start(u64 hz)
{
	apic_write(APIC_DIVIDE, 3); /* by 16 */
	apic_write(APIC_TIMER, APIC_PERIODIC | VECTOR_TIMER);
	apic_write(APIC_INITIAL_COUNT, options.lapic / 16 / hz);
}

void timer_stop(void)
{
	apic_write(APIC_TIMER, APIC_MASKED | VECTOR_TIMER);
	apic_write(APIC_INITIAL_COUNT, 0);
}

TRACEABLE void send_ipi(u32 target, u32 delivery, u32 vector)
{
	while (apic_read(APIC_COMMAND) & APIC_BUSY)
		relax();
	apic_write(APIC_TARGET, target << 24);
	apic_write(APIC_COMMAND, delivery | vector);
}

/* How many processors the machine has: QEMU's firmware configuration device says, `cpus=` on the command line overrides. */
u32 count_cpus(void)
{
	static const char signature[] = "QEMU";
	u32 known = options.cpus;

	if (!known) {
		known = 1;
		out16(0x510, 0); /* item 0: the signature */
		for (int i = 0; i < 4; i++)
			if (in8(0x511) != (u8)signature[i])
				return known;
		out16(0x510, 5); /* item 5: the number of CPUs, 16 bits */
		known = in8(0x511);
		known |= (u32)in8(0x511) << 8;
	}
	return known < 1 ? 1 : known > MAX_CPUS ? MAX_CPUS : known;
}

u32 cpus_started(void) { return __atomic_load_n(&others_started, __ATOMIC_ACQUIRE); }
void cpu_has_started(void) { __atomic_add_fetch(&others_started, 1, __ATOMIC_RELEASE); }

/* INIT, then the start-up IPI with the trampoline's page, one processor after the other; APIC ids are taken to be 0, 1, 2 … */
void start_other_cpus(void)
{
	u8 *to = virtual(TRAMPOLINE);

	for (u64 i = 0; i < (u64)(ap_end - ap_start); i++)
		to[i] = ap_start[i];
	for (u32 i = 1; i < cpu_count; i++) {
		ap_stack = (u64)ap_stacks[i] + STACK_BYTES;
		send_ipi(i, IPI_INIT, 0);
		send_ipi(i, IPI_START, TRAMPOLINE >> 12);
		while (cpus_started() != i)
			relax();
	}
}
