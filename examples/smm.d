#!/usr/bin/env -S trapline -s
/*
 * How often is system management mode entered, from where, and does it return to where it came from?
 *
 * Run:   trapline -s examples/smm.d -t examples/traces/tiny32-int-storm.log.gz
 * Read:  by place and mode before and after: round trips. Firmware that enters in real mode and comes back in protected
 *        mode uses it to switch modes. After the boot there should be none: they steal time from the kernel unseen, so
 *        the last line tells how many deliveries the kernel had made when the last one happened.
 * Prints (excerpt):
 *        | BEFORE             AT    AFTER              AT    TRIPS
 *        | real            f7b5e -> protected       f7b5f        5
 *        | protected       f7b78 -> real            f7b79        5
 *
 * ARGS:  -t $TRACES/tiny32-int-storm.log.gz
 */
#pragma D option quiet
#pragma D option aggsortrev

inline string mode[uint64_t control] =
    (control & 1) == 0 ? "real" : (control & 0x80000000) == 0 ? "protected" : "paged";

self uint64_t from, fromControl;
int64_t delivered;

vec:::
{
	delivered++;
}

cpu:::smm_enter
{
	self->from = cs_base + rip;
	self->fromControl = cr0;
}

cpu:::smm_leave
{
	@trips[mode[self->fromControl], self->from, mode[cr0], cs_base + rip] = count();
	@last["the last"] = max(delivered);
}

END
{
	printf("%-10s %10s    %-10s %10s %8s\n", "BEFORE", "AT", "AFTER", "AT", "TRIPS");
	printa("%-10s %10x -> %-10s %10x %@8d\n", @trips);
	printa("\n%s one came after %@d deliveries\n", @last);
}
