#!/usr/bin/env -S trapline -s
/*
 * What do the page-fault error codes say: who, doing what, and why was it refused?
 *
 * Run:   trapline -s examples/fault-errors.d -t examples/traces/linux-x86_64-boot.log.gz
 * Read:  one line per error code, most frequent first. `absent` is demand paging; `denied` on a write is mostly
 *        copy-on-write; `reserved bit` means a corrupt page table and should never be seen; kernel mode with `fetch`
 *        means that the kernel jumped into a page it may not execute. The status is 4 when one of these two was seen.
 * Prints (excerpt):
 *        | CODE  MODE    ACCESS  CAUSE             FAULTS
 *        | 0006  user    write   absent              9135
 *        | 0007  user    write   denied              4799
 *        | 0014  user    fetch   absent              3159
 *        | 0003  kernel  write   denied              1534
 *
 * ARGS:  -t $TRACES/linux-x86_64-boot.log.gz
 */
#pragma D option quiet
#pragma D option aggsortrev

/* The bits of the error code that the processor pushes for #PF. */
struct fault_error {
	string mode;		/* bit 2 */
	string access;		/* bits 1 and 4 */
	string cause;		/* bits 0, 3, 5 and 6 */
	int fatal;		/* no healthy kernel takes this */
};

translator struct fault_error < int64_t CODE > {
	mode = CODE & 4 ? "user" : "kernel";
	access = CODE & 16 ? "fetch" : CODE & 2 ? "write" : "read";
	cause = CODE & 8 ? "reserved bit" : CODE & 64 ? "shadow stack" : CODE & 32 ? "protection key" :
	    CODE & 1 ? "denied" : "absent";
	fatal = (CODE & 8) != 0 || (CODE & 20) == 16;
};

int64_t fatal;

vec::page_fault:
{
	@faults[errcode, xlate <struct fault_error> ((int64_t)errcode).mode,
	    xlate <struct fault_error> ((int64_t)errcode).access,
	    xlate <struct fault_error> ((int64_t)errcode).cause] = count();
	fatal += xlate <struct fault_error> ((int64_t)errcode).fatal;
}

END
{
	printf("%4s  %-6s  %-6s  %-14s  %8s\n", "CODE", "MODE", "ACCESS", "CAUSE", "FAULTS");
	printa("%04x  %-6s  %-6s  %-14s  %@8d\n", @faults);
	exit(fatal ? 4 : 0);
}
