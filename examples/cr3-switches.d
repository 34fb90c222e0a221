#!/usr/bin/env -S trapline -s
/*
 * How often does the guest switch address spaces, and between how many?
 *
 * Run:   trapline -x clock=timer:0xec@250hz -s examples/cr3-switches.d -t examples/traces/linux-x86_64-boot.log.gz
 * Read:  one line per 200 ms of guest time: deliveries, switches (CR3 differs from that of the delivery before on the
 *        same CPU; switches between two deliveries that lead back are not seen) and distinct address spaces.
 * Prints (excerpt):
 *        |  FROM MS   DELIVERIES   SWITCHES   SPACES
 *        ...
 *        |     1200         7738         20        3
 *        |     1400         8336        271        4
 *        |     1600         2417        536        3
 *
 * ARGS:  -x clock=timer:0xec@250hz -t $TRACES/linux-x86_64-boot.log.gz
 */
#pragma D option quiet
#pragma D option aggsortkey

int period;
int met[int, uint64_t];
self uint64_t space;

vec:::
{
	@deliveries[period] = count();
	@switches[period] = sum(self->space != 0 && self->space != cr3);
	self->space = cr3;
}

vec:::
/met[period, cr3] == 0/
{
	met[period, cr3] = 1;
	@spaces[period] = count();
}

tick-200ms
{
	period += 200;
}

END
{
	printf("%8s %12s %10s %8s\n", "FROM MS", "DELIVERIES", "SWITCHES", "SPACES");
	printa("%8d %@12d %@10d %@8d\n", @deliveries, @switches, @spaces);
}
