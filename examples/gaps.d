#!/usr/bin/env -S trapline -s
/*
 * How long after an interrupt does the next page fault come, and how does that change while the guest runs?
 *
 * Run:   trapline -s examples/gaps.d -t examples/traces/linux-x86_64-boot.log.gz 0xec
 * Read:  every 5 ms of the trace's clock the three busiest faulting instructions so far in that period; at the end the
 *        distribution of the gap from each delivery of the given vector to the next page fault on the same CPU. Without
 *        times in the trace one event counts as 1 µs. The status is 2 when no gap was seen.
 * Prints (excerpt):
 *        | period 1
 *        |             4171c1       16
 *        |             434a5f       24
 *        |             4016fa     3918
 *        ...
 *        | 6 periods, 290 gaps
 *        ...
 *        |              256 |                                         0
 *        |              512 |@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@   277
 *        |             1024 |                                         3
 *
 * ARGS:  -t $TRACES/linux-x86_64-boot.log.gz
 * OPERANDS: 0xec
 */
#pragma D option quiet

BEGIN
{
	periods = 0;
	gaps = 0;
}

vec:::
/vector == $1/
{
	self->since = timestamp + 1;
}

vec::page_fault:
/self->since/
{
	@gap["nanoseconds from the interrupt to the next fault"] = quantize(timestamp + 1 - self->since);
	self->since = 0;
	gaps++;
}

vec::page_fault:
{
	@hot[rip] = count();
}

tick-5ms
{
	periods++;
	printf("period %d\n", periods);
	trunc(@hot, 3);
	printa("  %16x %@8d\n", @hot);
	trunc(@hot);
}

END
{
	printf("%d periods, %d gaps\n", periods, gaps);
	printa(@gap);
	trunc(@hot);
	exit(gaps > 0 ? 0 : 2);
}
