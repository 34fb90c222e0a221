/*
 * Processes and system calls. Each CPU runs its own three programs, taking turns with the kernel's thread of that CPU.
 *
 * The system calls come by two instructions to the same table: SYSCALL (do_syscall) and INT 0x80 (do_int80), number in rax,
 * arguments in rdi, rsi, rdx, result in rax, an error as a small negative number.
 */
#include "kernel.h"

#define E_FAULT -14
#define E_NOSYS -38
#define E_OVERFLOW -75
#define USER_STACK_TOP 0x800000ul
#define WRITE_LIMIT 4096ul

typedef i64 system_function(u64 a, u64 b, u64 c);

static u8 kernel_stacks[MAX_CPUS][PROGRAMS][STACK_BYTES] __attribute__((aligned(16)));

/* ---- taking turns ---- */

static struct process *next_task(struct cpu *cpu)
{
	u64 at = cpu->current - cpu->tasks;

	do
		at = (at + 1) % (1 + PROGRAMS);
	while (cpu->tasks[at].state != RUNNABLE); /* the kernel's thread always is */
	return &cpu->tasks[at];
}

/* With interrupts off: they belong to whom the CPU goes to. Returns when it is the caller's turn again. */
TRACEABLE void yield_cpu(void)
{
	struct cpu *cpu = this_cpu();
	struct process *from = cpu->current, *to = next_task(cpu);

	if (from == to)
		return;
	count(COUNT_SWITCHES);
	cpu->current = to;
	cpu->kernel_rsp = to->stack_top;
	cpu->tss.rsp[0] = to->stack_top;
	write_cr3(to->cr3);
	switch_stacks(&from->rsp, to->rsp);
}

void end_process(void)
{
	interrupts_off();
	this_cpu()->current->state = DEAD;
	yield_cpu();
	__builtin_unreachable();
}

/* ---- system calls ---- */

/* Only what is there is written: the console is not to wait for a page fault. */
static i64 sys_write(u64 text, u64 size, u64 unused)
{
	(void)unused;
	if (size > WRITE_LIMIT || !is_mapped(this_cpu()->current->cr3, text, size))
		return E_FAULT;
	print_bytes((const char *)text, size);
	return size;
}

static i64 sys_getpid(u64 a, u64 b, u64 c)
{
	(void)a, (void)b, (void)c;
	return this_cpu()->current->pid;
}

static i64 sys_yield(u64 a, u64 b, u64 c)
{
	(void)a, (void)b, (void)c;
	interrupts_off();
	yield_cpu();
	interrupts_on();
	return 0;
}

static i64 sys_add(u64 a, u64 b, u64 c)
{
	i64 sum;

	(void)c;
	return __builtin_add_overflow((i64)a, (i64)b, &sum) ? E_OVERFLOW : sum;
}

/* A word of the window; the kernel takes the page fault when nobody has touched that page. */
static i64 sys_peek(u64 address, u64 b, u64 c)
{
	u64 last = WINDOW + WINDOW_PAGES * PAGE_BYTES - sizeof(i64);

	(void)b, (void)c;
	return address >= WINDOW && address <= last ? *(volatile i64 *)address : E_FAULT;
}

/* Takes all pages of the window back; says how many there were. */
static i64 sys_discard(u64 a, u64 b, u64 c)
{
	i64 freed = 0;

	(void)a, (void)b, (void)c;
	for (u64 i = 0; i < WINDOW_PAGES; i++) {
		u64 page = unmap(this_cpu()->current->cr3, WINDOW + i * PAGE_BYTES);

		if (page) {
			free_page(page);
			freed++;
		}
	}
	return freed;
}

static i64 sys_onfault(u64 resume, u64 b, u64 c)
{
	(void)b, (void)c;
	if (resume >= USER_END)
		return E_FAULT;
	this_cpu()->current->resume = resume;
	return 0;
}

static i64 sys_exit(u64 a, u64 b, u64 c)
{
	(void)a, (void)b, (void)c;
	end_process();
}

static system_function *const system_functions[SYSTEM_CALL_LIMIT] = {
#define X(number, name) [number] = sys_##name,
	SYSTEM_CALLS(X)
#undef X
};

/* `counters` is the first of the counters by number: those of SYSCALL, or those of INT 0x80. */
TRACEABLE i64 call_system_function(const struct frame *frame, u64 counters)
{
	u64 number = frame->rax;

	if (number >= SYSTEM_CALL_LIMIT || !system_functions[number]) {
		count(counters);
		return E_NOSYS;
	}
	count(counters + number);
	return system_functions[number](frame->rdi, frame->rsi, frame->rdx);
}

/* From entry.S, which stores the result at syscall_result. */
TRACEABLE i64 do_syscall(const struct frame *frame)
{
	count(COUNT_SYSCALLS);
	interrupts_on();
	return call_system_function(frame, COUNT_SYSCALL_BY_NUMBER);
}

/* A function of its own, so that there is a place for probes where each result is: here, in rsi. */
TRACEABLE void int80_result(struct frame *frame, i64 result)
{
	frame->rax = result;
}

TRACEABLE void do_int80(struct frame *frame)
{
	count(COUNT_INT80S);
	interrupts_on();
	int80_result(frame, call_system_function(frame, COUNT_INT80_BY_NUMBER));
	interrupts_off();
}

/* ---- programs ---- */

struct program {
	u64 start; /* in its first page */
	u64 image; /* physical */
	u64 size;
};

extern char calc_start[], legacy_start[], pages_start[]; /* in user/ */
extern char calc_image[], legacy_image[], pages_image[], calc_size[], legacy_size[], pages_size[]; /* in kernel.ld */

static const struct program programs[PROGRAMS] = {
	{ (u64)calc_start, (u64)calc_image, (u64)calc_size },
	{ (u64)legacy_start, (u64)legacy_image, (u64)legacy_size },
	{ (u64)pages_start, (u64)pages_image, (u64)pages_size },
};

/* A process whose first return from the kernel goes to the start of its program, with up to three numbers for it. */
static void start_program(struct cpu *cpu, u64 index, u64 a, u64 b, u64 c)
{
	const struct program *program = &programs[index];
	struct process *process = &cpu->tasks[1 + index];
	u64 top = (u64)kernel_stacks[cpu->index][index] + STACK_BYTES;
	struct frame *frame = (struct frame *)(top - sizeof *frame);
	u64 *saved = (u64 *)frame - 7; /* what switch_stacks() pops: six registers and a return address */

	process->pid = 1 + cpu->index * PROGRAMS + index;
	process->cr3 = new_address_space();
	process->stack_top = top;
	u64 address = program->start & -PAGE_BYTES;
	for (u64 at = 0; at < program->size; at += PAGE_BYTES)
		map(process->cr3, address + at, program->image + at, PAGE_USER);
	map(process->cr3, USER_STACK_TOP - PAGE_BYTES, new_page(), PAGE_USER | PAGE_WRITABLE);
	*frame = (struct frame){
		.rdi = a, .rsi = b, .rdx = c,
		.rip = program->start, .cs = USER_CODE, .rflags = FLAG_INTERRUPTS,
		.rsp = USER_STACK_TOP - 8, .ss = USER_DATA, /* as if called: the ABI wants rsp + 8 aligned to 16 */
	};
	saved[6] = (u64)first_return;
	process->rsp = (u64)saved;
	process->state = RUNNABLE;
}

void programs_start(struct cpu *cpu)
{
	start_program(cpu, 0, options.add, options.yield, options.bad);
	start_program(cpu, 1, options.int80, options.traps, 0);
	start_program(cpu, 2, options.fault, options.peek, 0);
}

u64 programs_alive(struct cpu *cpu)
{
	u64 alive = 0;

	for (u64 i = 1; i <= PROGRAMS; i++)
		alive += cpu->tasks[i].state == RUNNABLE;
	return alive;
}
