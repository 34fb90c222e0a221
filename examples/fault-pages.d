#!/usr/bin/env -S trapline -s
/*
 * Which pages are faulted on again and again, and by which instructions?
 *
 * Run:   trapline -s examples/fault-pages.d -t examples/traces/linux-x86_64-boot.log.gz 8
 * Read:  the pages (of the address in CR2) with most faults, worst first, by access and by whether the page was there:
 *        absent is demand paging, denied on a write mostly copy-on-write. Then the instructions that fault on the worst
 *        pages. Page 0 is NULL pointers. The argument is how many lines to show, 10 without it.
 * Prints (excerpt):
 *        |             PAGE ACCESS WHY      FAULTS
 *        |     7ffc869e9000 write  denied     1400
 *        |         2cdf9000 write  denied     1400
 *        |           401000 fetch  absent      790
 *        ...
 *        |             PAGE        INSTRUCTION   FAULTS
 *        |     7ffc869e9000             438945      700
 *        |         2cdf9000   ffffffff819fa1d2      700
 *
 * ARGS:  -t $TRACES/linux-x86_64-boot.log.gz
 * OPERANDS: 8
 */
#pragma D option quiet
#pragma D option defaultargs
#pragma D option aggsortrev

inline uint64_t page[uint64_t address] = address & ~4095UL;
inline int shown = $1 > 0 ? $1 : 10;

vec::page_fault:
{
	@pages[page[cr2], errcode & 16 ? "fetch" : errcode & 2 ? "write" : "read", errcode & 1 ? "denied" : "absent"] =
	    count();
	@code[page[cr2], rip] = count();
}

END
{
	trunc(@pages, shown);
	printf("%16s %-6s %-6s %8s\n", "PAGE", "ACCESS", "WHY", "FAULTS");
	printa("%16x %-6s %-6s %@8d\n", @pages);
	trunc(@code, shown);
	printf("\n%16s %18s %8s\n", "PAGE", "INSTRUCTION", "FAULTS");
	printa("%16x %18x %@8d\n", @code);
}
