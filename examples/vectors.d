#!/usr/bin/env -S trapline -s
/*
 * Which interrupts and exceptions does this guest take, and how many of each from user mode?
 *
 * Run:   trapline -s examples/vectors.d -t examples/traces/linux-x86_64-boot.log.gz
 * Read:  one line per vector, least frequent first: what it is, its number, deliveries, and how many of them
 *        interrupted user mode (cpl 3).
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
