#!/usr/bin/env -S trapline -s
/*
 * How regular is the timer interrupt on each CPU?
 *
 * Run:   trapline -s examples/timer-jitter.d -t examples/traces/linux-x86_64-int+trace-timestamps.log.gz 0xec 250
 * Read:  microseconds between timer ticks on the same CPU. The arguments are its vector and its rate in hz; without
 *        them 0xec and 250, a Linux guest. Gaps of more than three periods are counted apart: a tickless kernel stops
 *        the tick of an idle CPU. This log carries the host's times, so what you see is the jitter of guest and host
 *        together.
 * Prints (excerpt):
 *        | CPU    TICKS   MIN US  MEAN US   STDDEV   MAX US     IDLE
 *        |   0      455       54     4171     1988    11973        5
 *        ...
 *        |             1000 |@@                                       28
 *        |             2000 |@@@                                      29
 *        |             3000 |@@@@@@@@@@@@                             140
 *
 * ARGS:  -t $TRACES/linux-x86_64-int+trace-timestamps.log.gz
 * OPERANDS: 0xec 250
 */
#pragma D option quiet
#pragma D option defaultargs

inline int timer = $1 > 0 ? $1 : 0xec;
inline int period = 1000000 / ($2 > 0 ? $2 : 250);	/* microseconds */

self uint64_t tick;

vec:interrupt::
/vector == timer && self->tick && (timestamp - self->tick) / 1000 > 3 * period/
{
	@skipped[cpu] = count();
}

vec:interrupt::
/vector == timer && self->tick && (timestamp - self->tick) / 1000 <= 3 * period/
{
	this->gap = (timestamp - self->tick) / 1000;
	@gaps[cpu] = lquantize(this->gap, 0, 12000, 1000);
	@ticks[cpu] = count();
	@shortest[cpu] = min(this->gap);
	@mean[cpu] = avg(this->gap);
	@deviation[cpu] = stddev(this->gap);
	@longest[cpu] = max(this->gap);
}

vec:interrupt::
/vector == timer/
{
	self->tick = timestamp;
}

END
{
	printf("%3s %8s %8s %8s %8s %8s %8s\n", "CPU", "TICKS", "MIN US", "MEAN US", "STDDEV", "MAX US", "IDLE");
	printa("%3d %@8d %@8d %@8d %@8d %@8d %@8d\n", @ticks, @shortest, @mean, @deviation, @longest, @skipped);
	printa("\nmicroseconds between ticks on CPU %d\n%@d\n", @gaps);
}
