/* A program that has the kernel add, gives the CPU away now and then, and makes mistakes. All by SYSCALL. */
#include "user.h"

__attribute__((noreturn)) void calc_start(u64 adds, u64 yields, u64 mistakes)
{
	u64 right = 0;

	for (u64 i = 0; i < adds; i++) {
		/* Every tenth sum does not fit into 64 bits with a sign: -EOVERFLOW. */
		int large = i % 10 == 9;
		i64 sum = call(SYS_add, large ? 0x7fffffffffffffff : i, large ? 1 : 1000);

		right += sum == (large ? -75 : (i64)i + 1000);
	}
	for (u64 i = 0; i < yields; i++)
		call(SYS_yield, 0, 0);
	for (u64 i = 0; i < mistakes; i++)
		right += call(99, i, 0) == -38; /* no such system call: -ENOSYS */
	say("guest: program calc, pid ", right);
	leave();
}
