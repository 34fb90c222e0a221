/*
 * What the user programs share: system calls by both instructions, output, and instructions that fault on purpose.
 *
 * All of it is inline and without data of its own, so that each program is nothing but its own code.
 */
#ifndef USER_H
#define USER_H

#include "../kernel.h"

enum {
#define X(number, name) SYS_##name = number,
	SYSTEM_CALLS(X)
#undef X
};

/* By SYSCALL, which overwrites rcx and r11. */
ALWAYS_INLINE i64 call(u64 number, u64 a, u64 b)
{
	i64 result;
	asm volatile("syscall" : "=a"(result) : "a"(number), "D"(a), "S"(b), "d"(0) : "rcx", "r11", "memory");
	return result;
}

/* By INT 0x80, which overwrites nothing. */
ALWAYS_INLINE i64 int80(u64 number, u64 a, u64 b)
{
	i64 result;
	asm volatile("int $0x80" : "=a"(result) : "a"(number), "D"(a), "S"(b), "d"(0) : "memory");
	return result;
}

/* Says to the kernel where to go on, does `instructions`, which fault, and goes on there. */
#define FAULT(instructions)                                                                    \
	asm volatile("lea 1f(%%rip), %%rdi\n\tmov %0, %%eax\n\tsyscall\n\t" instructions "\n1:" \
		     :                                                                          \
		     : "i"(SYS_onfault)                                                         \
		     : "rax", "rcx", "rdx", "rdi", "r11", "memory", "cc")

/* One line, in one system call: NAME, pid PID: TEXT NUMBER. */
ALWAYS_INLINE void say(const char *name, u64 number)
{
	char line[80];
	u64 at = 0, pid = call(SYS_getpid, 0, 0);
	u64 values[2] = { pid, number };
	const char *texts[2] = { name, " right " };

	for (int part = 0; part < 2; part++) {
		char digits[21];
		u64 n = values[part], length = 0;

		for (const char *c = texts[part]; *c; c++)
			line[at++] = *c;
		do
			digits[length++] = '0' + n % 10;
		while (n /= 10);
		while (length)
			line[at++] = digits[--length];
	}
	line[at++] = '\n';
	call(SYS_write, (u64)line, at);
}

ALWAYS_INLINE __attribute__((noreturn)) void leave(void)
{
	call(SYS_exit, 0, 0);
	__builtin_unreachable();
}

#endif
