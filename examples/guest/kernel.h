/*
 * What the files of this kernel share: sizes, the layout of a trap frame and of a CPU, the counters, and who offers what.
 */
#ifndef KERNEL_H
#define KERNEL_H

/* The memory map; kernel.ld and README.md say the same. */
#define KERNEL_BASE 0xffffffff80000000
#define USER_END 0x800000000000 /* user addresses are below */
#define TRAMPOLINE 0x8000 /* physical; where application processors wake up, in real mode */

/* Segment selectors. SYSRET wants user data just below user code. */
#define KERNEL_CODE 0x08
#define KERNEL_DATA 0x10
#define USER_DATA 0x1b
#define USER_CODE 0x23
#define TASK_STATE 0x28

/* Offsets in struct cpu that entry.S knows. */
#define CPU_USER_RSP 8
#define CPU_KERNEL_RSP 16

#define STACK_BYTES 8192
#define MAX_CPUS 8

#ifndef __ASSEMBLER__

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long u64;
typedef long i64;

#define PAGE_BYTES 4096ul
#define ALWAYS_INLINE static inline __attribute__((always_inline))
/* A function to put probes on: the compiler must not make it part of its caller, nor a variant of it under another name. */
#define TRACEABLE __attribute__((noipa))

/* ---- counters: what this kernel did, on each CPU, by its own account ---- */

/*     name in C             name as printed */
#define COUNTERS(X)                                        \
	X(FIB_CALLS, "fib calls")                          \
	X(CHAIN_CALLS, "chain calls")                      \
	X(QUIET_CALLS, "quiet calls")                      \
	X(LOCKED, "locked sections")                       \
	X(TIMER, "timer")                                  \
	X(IPIS, "ipi")                                     \
	X(NMIS, "nmi")                                     \
	X(PAGE_FAULTS, "page faults")                      \
	X(KERNEL_FAULTS, "page faults in kernel")          \
	X(DIVIDES, "divide errors")                        \
	X(DEBUGS, "debug traps")                           \
	X(BREAKPOINTS, "breakpoints")                      \
	X(QUIET_BREAKPOINTS, "breakpoints in quiet")       \
	X(OPCODES, "invalid opcodes")                      \
	X(PROTECTIONS, "general protections")              \
	X(SWITCHES, "context switches")                    \
	X(SYSCALLS, "syscalls")                            \
	X(INT80S, "int80")

/* System calls: number, name. sys_NAME in process.c does it; syscalls.json says it to trapline. */
#define SYSTEM_CALLS(X) \
	X(1, write)     \
	X(2, getpid)    \
	X(3, yield)     \
	X(4, add)       \
	X(5, peek)      \
	X(6, discard)   \
	X(7, onfault)   \
	X(8, exit)
#define SYSTEM_CALL_LIMIT 9 /* numbers are below; 0 is unknown like all others */

enum counter {
#define X(id, name) COUNT_##id,
	COUNTERS(X)
#undef X
	COUNT_SYSCALL_BY_NUMBER, /* [0] counts unknown numbers */
	COUNT_INT80_BY_NUMBER = COUNT_SYSCALL_BY_NUMBER + SYSTEM_CALL_LIMIT,
	COUNTER_LIMIT = COUNT_INT80_BY_NUMBER + SYSTEM_CALL_LIMIT,
};

/* ---- processes and CPUs ---- */

/*
 * What entry.S leaves on the kernel stack when the kernel is entered, lowest address first. For SYSCALL the part from rip on
 * is made by hand, so both ways in look the same.
 */
struct frame {
	u64 r15, r14, r13, r12, rbp, rbx, r11, r10, r9, r8;
	u64 rax; /* FRAME_RAX in entry.S */
	u64 rcx, rdx, rsi, rdi;
	u64 vector, error;
	u64 rip, cs, rflags, rsp, ss;
};

enum process_state { FREE, RUNNABLE, DEAD };

struct process {
	u64 pid;          /* 0: the kernel's own thread of a CPU */
	enum process_state state;
	u64 cr3;          /* physical */
	u64 resume;       /* where a fault of the program goes on; 0: the program ends */
	u64 rsp;          /* kernel stack while it does not run */
	u64 stack_top;
};

#define PROGRAMS 3

struct task_state { /* the 64-bit TSS: which stack to use */
	u32 reserved0;
	u64 rsp[3];
	u64 reserved1;
	u64 ist[7];
	u64 reserved2;
	u16 reserved3, io_map;
} __attribute__((packed));

struct cpu {
	struct cpu *self;      /* at %gs:0 */
	u64 user_rsp;          /* at CPU_USER_RSP: scratch of syscall_entry */
	u64 kernel_rsp;        /* at CPU_KERNEL_RSP: stack for the next system call */
	u32 index;             /* also its local APIC id */
	volatile u32 ipis_seen;
	struct process *current;
	struct process tasks[1 + PROGRAMS]; /* [0] is the kernel's thread */
	u64 counts[COUNTER_LIMIT];
	u64 fib_result, chain_result;
	u64 gdt[7];
	struct task_state tss;
};

extern struct cpu cpus[MAX_CPUS];
extern u32 cpu_count;

ALWAYS_INLINE struct cpu *this_cpu(void)
{
	struct cpu *cpu;
	asm("mov %%gs:0, %0" : "=r"(cpu));
	return cpu;
}

/* One instruction, so that an interrupt in between cannot lose a count. */
ALWAYS_INLINE void count(u64 counter)
{
	asm volatile("incq %%gs:%c0(,%1,8)"
		     :
		     : "i"(__builtin_offsetof(struct cpu, counts)), "r"(counter)
		     : "memory", "cc");
}

/* ---- the processor ---- */

#define FLAG_TRAP 0x100ul
#define FLAG_INTERRUPTS 0x200ul

ALWAYS_INLINE void interrupts_off(void) { asm volatile("cli" : : : "memory"); }
ALWAYS_INLINE void interrupts_on(void) { asm volatile("sti" : : : "memory"); }
ALWAYS_INLINE void relax(void) { asm volatile("pause" : : : "memory"); }
ALWAYS_INLINE void wait_for_interrupt(void) { asm volatile("sti; hlt" : : : "memory"); }

ALWAYS_INLINE void out8(u16 port, u8 value) { asm volatile("outb %0, %1" : : "a"(value), "Nd"(port)); }
ALWAYS_INLINE void out16(u16 port, u16 value) { asm volatile("outw %0, %1" : : "a"(value), "Nd"(port)); }

ALWAYS_INLINE u8 in8(u16 port)
{
	u8 value;
	asm volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
	return value;
}

ALWAYS_INLINE void write_msr(u32 msr, u64 value)
{
	asm volatile("wrmsr" : : "c"(msr), "a"((u32)value), "d"((u32)(value >> 32)) : "memory");
}

ALWAYS_INLINE u64 read_cr2(void)
{
	u64 value;
	asm volatile("mov %%cr2, %0" : "=r"(value));
	return value;
}

ALWAYS_INLINE u64 read_cr3(void)
{
	u64 value;
	asm volatile("mov %%cr3, %0" : "=r"(value));
	return value;
}

ALWAYS_INLINE void write_cr3(u64 value) { asm volatile("mov %0, %%cr3" : : "r"(value) : "memory"); }

ALWAYS_INLINE u64 read_flags(void)
{
	u64 flags;
	asm volatile("pushfq; pop %0" : "=r"(flags) : : "memory");
	return flags;
}

ALWAYS_INLINE void *virtual(u64 physical) { return (void *)(physical + KERNEL_BASE); }
ALWAYS_INLINE u64 physical(const void *address) { return (u64)address - KERNEL_BASE; }

/* ---- spinlocks (lock.c); they keep interrupts off while held ---- */

struct spinlock {
	volatile u32 held;
};

u64 lock(struct spinlock *spinlock); /* returns the flags for unlock() */
void unlock(struct spinlock *spinlock, u64 flags);

/* ---- console.c ---- */
void console_start(void);
void print(const char *format, ...); /* %s, %u (u64), %x (u64); one call is never split by another CPU */
void print_bytes(const char *bytes, u64 size);
__attribute__((noreturn)) void power_off(void);

/* ---- memory.c ---- */
u64 new_page(void); /* physical address of a cleared page */
void free_page(u64 page);
u64 new_address_space(void);
void map(u64 cr3, u64 address, u64 page, u64 flags);
u64 unmap(u64 cr3, u64 address); /* the page that was there, or 0 */
int is_mapped(u64 cr3, u64 address, u64 size); /* all of it, in the lower half */
#define PAGE_PRESENT 1ul
#define PAGE_WRITABLE 2ul
#define PAGE_USER 4ul

/* ---- cpu.c ---- */
void cpu_start(struct cpu *cpu, u64 stack_top);
void timer_start(u64 hz);
void timer_stop(void);
void end_of_interrupt(void);
void start_other_cpus(void);
u32 count_cpus(void);
u32 cpus_started(void); /* besides the first */
void cpu_has_started(void);
#define IPI_FIXED 0x0000u
#define IPI_NMI 0x0400u
void send_ipi(u32 target, u32 delivery, u32 vector);
#define VECTOR_TIMER 0x20
#define VECTOR_IPI 0x30
#define VECTOR_INT80 0x80
#define VECTOR_SPURIOUS 0xff

/* ---- traps.c ---- */
void traps_start(void);

/* ---- process.c ---- */
#define WINDOW 0x40000000ul /* user addresses that get a page when they are touched */
#define WINDOW_PAGES 64ul
void programs_start(struct cpu *cpu);
u64 programs_alive(struct cpu *cpu);
void yield_cpu(void); /* with interrupts off */
__attribute__((noreturn)) void end_process(void);
void do_int80(struct frame *frame);

/* ---- options.c: the command line ---- */
struct options {
	u64 fib, chain, quiet, lock, ipi, nmi;             /* work of the kernel */
	u64 add, yield, bad, int80, traps, fault, peek;    /* work of user programs */
	u64 ticks, hz, lapic, cpus;
};
extern struct options options;
void read_options(const char *line);

/* ---- entry.S, boot.S ---- */
extern char trap_stubs[], ap_start[], ap_end[];
extern u64 boot_pml4[], ap_stack;
void syscall_entry(void);
void first_return(void);
void switch_stacks(u64 *save, u64 load);

#endif
#endif
