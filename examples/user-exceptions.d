#!/usr/bin/env -S trapline -s
/*
 * Which user instructions raise exceptions that end as a signal, and in how many processes?
 *
 * Run:   trapline -s examples/user-exceptions.d -t examples/traces/linux-x86_64-boot.log.gz
 * Read:  by exception: the signal that a Unix kernel makes of it, where it struck, how often and in how many address
 *        spaces. Page faults are left out: most of them are served without the program noticing.
 * Prints (excerpt):
 *        | SIGNAL   EXCEPTION                          PC   RAISED   SPACES
 *        | SIGTRAP  breakpoint                     401a1b      400        1
 *        | SIGSEGV  general_protection             401a2b      400        1
 *        | SIGSEGV  general_protection             401a1e      400        1
 *        | SIGILL   invalid_opcode                 401a17      400        1
 *
 * ARGS:  -t $TRACES/linux-x86_64-boot.log.gz
 */
#pragma D option quiet
#pragma D option aggsortrev

inline string signal[int v] =
    v == 0 || v == 16 || v == 19 ? "SIGFPE" :
    v == 1 || v == 3 ? "SIGTRAP" :
    v == 6 ? "SIGILL" :
    v == 11 || v == 12 || v == 17 ? "SIGBUS" : "SIGSEGV";

uint64_t known[uint64_t, uint64_t];

vec:exception::
/cpl == 3 && vector != 14/
{
	@raised[signal[vector], probefunc, pc] = count();
}

vec:exception::
/cpl == 3 && vector != 14 && known[pc, cr3] == 0/
{
	known[pc, cr3] = 1;
	@spaces[signal[vector], probefunc, pc] = count();
}

END
{
	printf("%-8s %-20s %16s %8s %8s\n", "SIGNAL", "EXCEPTION", "PC", "RAISED", "SPACES");
	printa("%-8s %-20s %16x %@8d %@8d\n", @raised, @spaces);
}
