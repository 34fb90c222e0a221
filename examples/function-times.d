#!/usr/bin/env -S trapline -s
/*
 * How long do a kernel's functions take, by its own clock?
 *
 * Run:   trapline -s examples/function-times.d --machine examples/guest/kernel.elf -x seed=1
 * Read:  one line per function, fewest calls first: calls, nanoseconds in all, of one call on average and at most.
 *        The built-in machine counts ten nanoseconds for each instruction. sys_yield gives the CPU away, so its time is
 *        mostly that of other programs. What the kernel says on its console comes before.
 * Prints (excerpt):
 *        | FUNCTION          CALLS      TOTAL   EACH       MOST
 *        | sys_peek             16     364320  22770      22770
 *        | sys_yield            50    2262490  45249    2188500
 *        | sys_add             550      16500     30         30
 * ARGS:  --machine examples/guest/kernel.elf -x seed=1
 */
#pragma D option quiet

fbt::sys_*:entry,
fbt::chain_?:entry,
fbt::map_on_demand:entry
{
	self->since[probefunc] = timestamp;
}

fbt::sys_*:return,
fbt::chain_?:return,
fbt::map_on_demand:return
/self->since[probefunc]/
{
	this->ns = timestamp - self->since[probefunc];
	self->since[probefunc] = 0;
	@total[probefunc] = sum(this->ns);
	@calls[probefunc] = count();
	@each[probefunc] = avg(this->ns);
	@most[probefunc] = max(this->ns);
}

END
{
	printf("%-14s %8s %10s %6s %10s\n", "FUNCTION", "CALLS", "TOTAL", "EACH", "MOST");
	printa("%-14s %@8d %@10d %@6d %@10d\n", @calls, @total, @each, @most);
}
