#!/usr/bin/env -S trapline -s
/*
 * Which address spaces does the page-fault work go to, and when did each live?
 *
 * Run:   trapline -s examples/fault-spaces.d -t examples/traces/linux-x86_64-boot.log.gz
 * Read:  one line per page-table root (CR3), oldest first: number of its first and last event, page faults from user
 *        and from kernel mode, and all other deliveries. A root that appears again after a long pause was given to a
 *        new process: CR3 names an address space only while it lives.
 * Prints (excerpt):
 *        |              CR3    FIRST     LAST  USER FAULTS  KRNL FAULTS    OTHER
 *        |          2a10000        4    27369            0            0      421
 *        |          487c000      405    30327          254           41       32
 *        |          5fa8000      464      482           17            1        1
 *        |          5fa6000      483    27884         5504          761     8174
 *
 * ARGS:  -t $TRACES/linux-x86_64-boot.log.gz
 */
#pragma D option quiet

vec:::
{
	@first[cr3] = min(seq);
	@last[cr3] = max(seq);
	@user[cr3] = sum(vector == 14 && cpl == 3);
	@kernel[cr3] = sum(vector == 14 && cpl == 0);
	@other[cr3] = sum(vector != 14);
}

END
{
	printf("%16s %8s %8s %12s %12s %8s\n", "CR3", "FIRST", "LAST", "USER FAULTS", "KRNL FAULTS", "OTHER");
	printa("%16x %@8d %@8d %@12d %@12d %@8d\n", @first, @last, @user, @kernel, @other);
}
