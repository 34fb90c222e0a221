#!/usr/bin/env -S trapline -s
/*
 * When does each vector occur for the first and for the last time?
 *
 * Run:   trapline --unsafe -s examples/first-last.d -t examples/traces/linux-x86_64-boot.log.gz
 * Read:  vectors in the order of their first delivery: event number and line in the log of the first and the last one,
 *        and how many there were. The order is the story of a boot: early exceptions, the first device interrupt, the
 *        moment the timer of the interrupt controller takes over, the first program.
 * Prints (excerpt):
 *        | KIND       WHAT                 VECTOR    FIRST  AT LINE     LAST  AT LINE      ALL
 *        | exception  page_fault           0x0e          0      476    30386   656293    19512
 *        | interrupt  irq                  0x30          4      564      110     2895      106
 *        | exception  breakpoint           0x03         10      695    24580   528561      415
 *        | interrupt  irq                  0xec        111     2917    30387   656315      598
 *
 * ARGS:  --unsafe -t $TRACES/linux-x86_64-boot.log.gz
 */
#pragma D option quiet

vec:::
{
	@first[probemod, probefunc, probename] = min(seq);
	@firstLine[probemod, probefunc, probename] = min(line);
	@last[probemod, probefunc, probename] = max(seq);
	@lastLine[probemod, probefunc, probename] = max(line);
	@all[probemod, probefunc, probename] = count();
}

END
{
	printf("%-10s %-20s %-6s %8s %8s %8s %8s %8s\n", "KIND", "WHAT", "VECTOR", "FIRST", "AT LINE", "LAST",
	    "AT LINE", "ALL");
	printa("%-10s %-20s %-6s %@8d %@8d %@8d %@8d %@8d\n", @first, @firstLine, @last, @lastLine, @all);
}
