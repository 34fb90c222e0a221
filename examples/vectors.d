#!/usr/bin/env -S trapline -s
/*
 * Which interrupts and exceptions does this guest take, and how many of each from user mode?
 *
 * Run:   trapline -s examples/vectors.d -t examples/traces/linux-x86_64-boot.log.gz
 * Read:  one line per vector, least frequent first: what it is, its number, deliveries, and how many of them
 *        interrupted user mode (cpl 3).
 * Prints (excerpt):
 *        | WHAT                   VECTOR        ALL       USER
 *        | irq                    0x30          106          0
 *        | breakpoint             0x03          411        410
 *        | irq                    0xec          598         33
 *        | general_protection     0x0d          810        810
 *        | int                    0x80         8012       8012
 *        | page_fault             0x0e        19508      17809
 *
 * ARGS:  -t $TRACES/linux-x86_64-boot.log.gz
 */
#pragma D option quiet

vec:::
{
	@all[probefunc, probename] = count();
	@user[probefunc, probename] = sum(cpl == 3);
}

END
{
	printf("%-22s %-6s %10s %10s\n", "WHAT", "VECTOR", "ALL", "USER");
	printa("%-22s %-6s %@10d %@10d\n", @all, @user);
}
