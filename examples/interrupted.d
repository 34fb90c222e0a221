#!/usr/bin/env -S trapline -s
/*
 * Whose code do device interrupts strike?
 *
 * Run:   trapline -s examples/interrupted.d -t examples/traces/linux-x86_64-smp2-torn.log.gz
 * Read:  a bar per page of code, busiest last: share of device interrupts that struck it. The timer samples what runs,
 *        so a page far ahead of the others is the idle loop or the guest's hottest code. The argument is how many pages
 *        to show, 12 without it.
 * Prints (excerpt):
 *        ...
 *        |  ffffffff810dc000 |@@                                       50
 *        |  ffffffff81087000 |@@@@@                                    130
 *        |  ffffffff81a59000 |@@@@@@@@@@@@@@@@@@@@@@@@@                671
 *
 * ARGS:  -t $TRACES/linux-x86_64-smp2-torn.log.gz
 */
#pragma D option quiet
#pragma D option defaultargs
#pragma D option agghist

vec:interrupt::
{
	@[substr(lltostr(pc & ~4095, 16), 2)] = count();
}

END
{
	trunc(@, $1 > 0 ? $1 : 12);
}
