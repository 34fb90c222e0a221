/* A program of the old kind: system calls by INT 0x80, and every exception that a program can cause. */
#include "user.h"

static void cause_exceptions(void)
{
	FAULT("xor %%ecx, %%ecx\n\tdiv %%ecx");                                          /* divide error */
	FAULT("ud2");                                                                    /* invalid opcode */
	FAULT("cli");                                                                    /* general protection */
	asm volatile("int3");                                                            /* breakpoint */
	asm volatile("pushfq\n\torq $0x100, (%%rsp)\n\tpopfq\n\tnop\n\tnop" : : : "cc", "memory"); /* single step: debug trap */
}

__attribute__((noreturn)) void legacy_start(u64 calls, u64 exceptions)
{
	u64 right = 0, pid = call(SYS_getpid, 0, 0);

	for (u64 i = 0; i < calls; i++)
		right += i % 2 ? int80(SYS_add, i, i) == (i64)(2 * i) : int80(SYS_getpid, 0, 0) == (i64)pid;
	for (u64 i = 0; i < exceptions; i++)
		cause_exceptions();
	say("guest: program legacy, pid ", right);
	leave();
}
