#!/usr/bin/env -S trapline -s
/*
 * Does one vector storm: does it crowd out everything else for a while?
 *
 * Run:   trapline --unsafe -s examples/irq-storm.d -t examples/traces/tiny32-int-storm.log.gz 100 60
 * Read:  one line when a storm begins, that is when 60 of 100 deliveries (the arguments; the same without them) are one
 *        vector, and where that one struck; then how many such windows each vector had. An interrupt line that is never
 *        acknowledged, or a handler that returns to the failing instruction, shows here at once.
 * Prints (excerpt):
 *        | storm of 0x0e page_fault: 60 of the events from 1100 on, now at cpl 0 pc 1000da
 *        | storm of 0x20 irq: 60 of the events from 1200 on, now at cpl 0 pc 1000ea
 *
 * ARGS:  --unsafe -t $TRACES/tiny32-int-storm.log.gz
 * OPERANDS: 100 60
 */
#pragma D option quiet
#pragma D option defaultargs

inline int window = $1 > 0 ? $1 : 100;	/* events */
inline int limit = $2 > 0 ? $2 : 60;	/* of one vector among them */

int events, now;
int counted[int];	/* by vector: the window that hits[] counts */
int hits[int];
int stormed[int];	/* by vector: the last window that was a storm */

vec:::
{
	now = 1 + events++ / window;
	hits[vector] = counted[vector] == now ? hits[vector] + 1 : 1;
	counted[vector] = now;
}

vec:::
/hits[vector] == limit && stormed[vector] != now - 1/
{
	printf("storm of %s %s: %d of the events from %d on, now at cpl %d pc %x\n", probename, probefunc, limit,
	    (now - 1) * window, cpl, pc);
}

vec:::
/hits[vector] == limit/
{
	stormed[vector] = now;
	@windows[probename, probefunc] = count();
}

END
{
	printf("\n%-6s %-20s %8s\n", "VECTOR", "WHAT", "WINDOWS");
	printa("%-6s %-20s %@8d\n", @windows);
}
