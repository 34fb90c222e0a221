#!/usr/bin/env -S trapline -s
/*
 * How do the rates of interrupts, system calls and exceptions change while the guest runs?
 *
 * Run:   trapline -x clock=timer:0xec@250hz -s examples/irq-rates.d -t examples/traces/linux-x86_64-boot.log.gz 0xec
 * Read:  one line per 200 ms of guest time: ticks of the timer (the argument is its vector), other device interrupts,
 *        software interrupts, page faults, other exceptions. The log carries no times, so the timer is the clock: each
 *        of its ticks is 4 ms (250 hz). With a log that has times leave -x clock out.
 * Prints (excerpt):
 *        |  FROM MS    TIMER  DEVICES     SOFT   FAULTS    OTHER
 *        |        0       49      106        0        0        1
 *        ...
 *        |     1000       50        0        0      374        0
 *        |     1200       50       16     1140     6532        0
 *        |     1400       50       12     6872     1362       40
 *
 * ARGS:  -x clock=timer:0xec@250hz -t $TRACES/linux-x86_64-boot.log.gz
 * OPERANDS: 0xec
 */
#pragma D option quiet
#pragma D option aggsortkey

int period;

vec:::
{
	@timer[period] = sum(vector == $1);
	@device[period] = sum(probemod == "interrupt" && vector != $1);
	@soft[period] = sum(probemod == "soft");
	@faults[period] = sum(vector == 14);
	@exceptions[period] = sum(probemod == "exception" && vector != 14);
}

tick-200ms
{
	period += 200;
}

END
{
	printf("%8s %8s %8s %8s %8s %8s\n", "FROM MS", "TIMER", "DEVICES", "SOFT", "FAULTS", "OTHER");
	printa("%8d %@8d %@8d %@8d %@8d %@8d\n", @timer, @device, @soft, @faults, @exceptions);
}
