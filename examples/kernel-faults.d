#!/usr/bin/env -S trapline -s
/*
 * What does the kernel itself fault on: user memory on behalf of a call, its own lazily filled memory, or NULL?
 *
 * Run:   trapline -s examples/kernel-faults.d -t examples/traces/linux-x86_64-boot.log.gz
 * Read:  page faults in kernel mode by the region of the address (the layout of 64-bit Linux; edit region[] for another
 *        kernel), then the instructions that take most of them. User memory is normal: the copy routines do it. NULL
 *        page and non-canonical are bugs in the kernel, and so is its image once it has booted.
 * Prints (excerpt):
 *        | REGION                 ACCESS WHY       FAULTS     LOWEST ADDRESS
 *        | user memory            write  denied      1534           1d53d690
 *        | user memory            write  absent       119             4a9290
 *        ...
 *        | INSTRUCTION          FAULTS
 *        | ffffffff819fa1b2        783
 *        | ffffffff819fa1d2        754
 *
 * ARGS:  -t $TRACES/linux-x86_64-boot.log.gz
 */
#pragma D option quiet
#pragma D option aggsortrev

inline string region[uint64_t a] =
    a < 0x1000 ? "NULL page" :
    a < 0x800000000000 ? "user memory" :
    a < 0xffff800000000000 ? "non-canonical" :
    a >= 0xffffffff80000000 ? "kernel image, modules" :
    a >= 0xffffea0000000000 && a < 0xffffeb0000000000 ? "page structures" :
    a >= 0xffffc90000000000 && a < 0xffffe90000000000 ? "vmalloc" :
    a >= 0xffff888000000000 && a < 0xffffc88000000000 ? "direct map" : "other kernel";

vec::page_fault:
/args[0]->cpl == 0/
{
	this->region = region[args[0]->addr];
	this->access = errcode & 2 ? "write" : "read";
	this->why = errcode & 1 ? "denied" : "absent";
	@region[this->region, this->access, this->why] = count();
	@lowest[this->region, this->access, this->why] = min(args[0]->addr);
	@code[rip] = count();
}

END
{
	printf("%-22s %-6s %-7s %8s %18s\n", "REGION", "ACCESS", "WHY", "FAULTS", "LOWEST ADDRESS");
	printa("%-22s %-6s %-7s %@8d %@18x\n", @region, @lowest);
	trunc(@code, 5);
	printf("\n%-18s %8s\n", "INSTRUCTION", "FAULTS");
	printa("%-18x %@8d\n", @code);
}
