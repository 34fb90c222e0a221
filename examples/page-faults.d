#!/usr/bin/env -S trapline -s
/*
 * Where does the guest take its page faults, and are they reads, writes or instruction fetches?
 *
 * Run:   trapline -s examples/page-faults.d -t examples/traces/linux-x86_64-boot.log.gz
 * Read:  the ten hottest instructions, then faults by kind from the error code: bit 0 page was present, bit 1 write,
 *        bit 2 user mode, bit 4 instruction fetch.
 * Prints (excerpt):
 *        |              RIP     FAULTS
 *        | ffffffff819fa1b2        783
 *        |           4016fa       8192
 *        ...
 *        | MODE     ACCESS PAGE             FAULTS
 *        | user     write  protection         4799
 *        | user     write  not present        9135
 *
 * ARGS:  -t $TRACES/linux-x86_64-boot.log.gz
 */
#pragma D option quiet

vec::page_fault:
{
	@hot[rip] = count();
	@kind[errcode & 4 ? "user" : "kernel",
	    errcode & 16 ? "fetch" : errcode & 2 ? "write" : "read",
	    errcode & 1 ? "protection" : "not present"] = count();
}

END
{
	trunc(@hot, 10);
	printf("%16s %10s\n", "RIP", "FAULTS");
	printa("%16x %@10d\n", @hot);
	printf("\n%-8s %-6s %-12s %10s\n", "MODE", "ACCESS", "PAGE", "FAULTS");
	printa("%-8s %-6s %-12s %@10d\n", @kind);
}
