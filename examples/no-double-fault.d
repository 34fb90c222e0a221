#!/usr/bin/env -S trapline -s
/*
 * Did this boot go through without a double or triple fault? A check for continuous integration.
 *
 * Run:   trapline --unsafe -s examples/no-double-fault.d -t examples/traces/tiny32-gp-np-df.log.gz
 * Read:  PASS and status 0, or FAIL with the place of the first double fault and status 10. The reading ends there.
 *        Without --unsafe a double fault in code that runs with interrupts disabled would be withheld: use it.
 * Prints (excerpt):
 *        | FAIL: double fault, event 1, line 496 of the log: cpu 0 cpl 0 pc 100086 sp 109800 cr3 0
 *
 * ARGS:  --unsafe -t $TRACES/tiny32-gp-np-df.log.gz
 * STATUS: 10
 */
#pragma D option quiet

int64_t events, bad;

vec:::
{
	events++;
}

vec::double_fault:
{
	printf("FAIL: double fault, event %d, line %d of the log: cpu %d cpl %d pc %x sp %x cr3 %x\n", seq, line, cpu,
	    cpl, pc, sp, cr3);
	bad = 1;
	exit(10);
}

cpu:::triple_fault
{
	printf("FAIL: triple fault of cpu %d, line %d of the log\n", cpu, line);
	bad = 1;
	exit(10);
}

END
/bad == 0/
{
	printf("PASS: no double fault in %d deliveries\n", events);
}
