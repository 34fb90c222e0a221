/*
 * Interrupts and exceptions: the IDT, and one function that decides what each of the 256 vectors means.
 *
 * All gates are interrupt gates, so handlers start with interrupts off. Faults of a program go to where it asked to go on
 * (the system call onfault) or end it; faults of the kernel other than on user memory are the end: guest: panic.
 */
#include "kernel.h"

#define DIVIDE 0
#define DEBUG 1
#define NMI 2
#define BREAKPOINT 3
#define OPCODE 6
#define DOUBLE_FAULT 8
#define PROTECTION 13
#define PAGE_FAULT 14
#define MACHINE_CHECK 18

struct gate {
	u16 offset_low, selector;
	u8 stack, type;
	u16 offset_middle;
	u32 offset_high, reserved;
};

static struct gate gates[256];

static void set_gate(int vector, u8 user_may, u8 stack)
{
	u64 entry = (u64)trap_stubs + 16 * vector;

	gates[vector] = (struct gate){
		.offset_low = entry,
		.selector = KERNEL_CODE,
		.stack = stack,
		.type = user_may ? 0xee : 0x8e,
		.offset_middle = entry >> 16,
		.offset_high = entry >> 32,
	};
}

void traps_start(void)
{
	struct {
		u16 limit;
		u64 base;
	} __attribute__((packed)) pointer = { sizeof gates - 1, (u64)gates };

	for (int vector = 0; vector < 256; vector++)
		set_gate(vector, vector == BREAKPOINT || vector == VECTOR_INT80, 0);
	/* Stacks of their own, for they may come while there is none that can be used. */
	set_gate(NMI, 0, 1);
	set_gate(DOUBLE_FAULT, 0, 2);
	set_gate(DEBUG, 0, 3);
	asm volatile("lidt %0" : : "m"(pointer));
}

static int from_user(const struct frame *frame) { return frame->cs & 3; }

static void panic(const struct frame *frame)
{
	print("guest: panic: vector %u error %x rip %x rsp %x cr2 %x on cpu %u\n", frame->vector, frame->error, frame->rip,
	      frame->rsp, read_cr2(), (u64)this_cpu()->index);
	power_off();
}

/* What a program did wrong is its own affair: it goes on where it asked to, or ends. */
TRACEABLE void program_fault(struct frame *frame)
{
	struct process *process = this_cpu()->current;

	if (!from_user(frame))
		panic(frame);
	if (!process->resume)
		end_process();
	frame->rip = process->resume;
	process->resume = 0;
}

/* The window of a program gets a page where it is touched, by the program or by the kernel on its behalf. */
TRACEABLE int map_on_demand(struct process *process, u64 address)
{
	if (!process->pid || address < WINDOW || address >= WINDOW + WINDOW_PAGES * PAGE_BYTES)
		return 0;
	map(process->cr3, address & -PAGE_BYTES, new_page(), PAGE_USER | PAGE_WRITABLE);
	return 1;
}

TRACEABLE void page_fault(struct frame *frame)
{
	u64 address = read_cr2();

	count(COUNT_PAGE_FAULTS);
	if (!from_user(frame))
		count(COUNT_KERNEL_FAULTS);
	/* Bit 0: the page was there, and the access was not allowed. */
	if ((frame->error & 1) || !map_on_demand(this_cpu()->current, address))
		program_fault(frame);
}

TRACEABLE void timer_tick(struct frame *frame)
{
	count(COUNT_TIMER);
	end_of_interrupt();
	if (from_user(frame))
		yield_cpu(); /* the kernel itself is never taken off its CPU */
}

static void breakpoint(struct frame *frame)
{
	count(COUNT_BREAKPOINTS);
	if (!(frame->rflags & FLAG_INTERRUPTS))
		count(COUNT_QUIET_BREAKPOINTS);
}

void trap(struct frame *frame)
{
	switch (frame->vector) {
	case DIVIDE:
		count(COUNT_DIVIDES);
		program_fault(frame);
		break;
	case DEBUG:
		count(COUNT_DEBUGS);
		frame->rflags &= ~FLAG_TRAP;
		break;
	case NMI:
		count(COUNT_NMIS);
		break;
	case BREAKPOINT:
		breakpoint(frame);
		break;
	case OPCODE:
		count(COUNT_OPCODES);
		program_fault(frame);
		break;
	case PROTECTION:
		count(COUNT_PROTECTIONS);
		program_fault(frame);
		break;
	case PAGE_FAULT:
		page_fault(frame);
		break;
	case VECTOR_TIMER:
		timer_tick(frame);
		break;
	case VECTOR_IPI:
		count(COUNT_IPIS);
		end_of_interrupt();
		this_cpu()->ipis_seen++;
		break;
	case VECTOR_INT80:
		do_int80(frame);
		break;
	case VECTOR_SPURIOUS:
		break;
	case DOUBLE_FAULT:
	case MACHINE_CHECK:
		panic(frame);
		break;
	default:
		program_fault(frame);
	}
}
