#!/usr/bin/env -S trapline -s
/*
 * Is the stack pointer sane whenever an interrupt or exception strikes?
 *
 * Run:   trapline --unsafe -s examples/stack-sanity.d -t examples/traces/linux-x86_64-boot.log.gz
 * Read:  by mode and verdict: deliveries, lowest stack pointer, first event. `kernel on a low stack` is right only
 *        before the kernel has set up its own (or for firmware): on a running system a handler would push onto user
 *        memory. `unaligned` is allowed to user code, never to a kernel. Then how much of a 16 KB kernel stack was in
 *        use. The argument is where kernel memory begins: 0xc0000000 for a 32-bit Linux; without it the upper half of
 *        64 bits.
 * Prints (excerpt):
 *        | CPL  VERDICT                  DELIVERIES          LOWEST SP    FIRST
 *        |   3  good                          27878           ffbdc990      409
 *        |   0  good                           2495   ffffc90000003e00        0
 *        |   3  unaligned                        16           ffbdc46c    13453
 *
 * ARGS:  --unsafe -t $TRACES/linux-x86_64-boot.log.gz
 */
#pragma D option quiet
#pragma D option aggsortrev
#pragma D option defaultargs

inline uint64_t kernel = $1 ? $1 : 0xffff800000000000;
inline int word = kernel < 0x100000000 ? 4 : 8;

/* Bits 63 to 47 must be equal. */
inline int canonical[uint64_t a] = (a >> 47) == 0 || (a >> 47) == 0x1ffff;

inline string verdict[uint64_t a, int level] =
    !canonical[a] ? "NOT CANONICAL" :
    level == 0 && a < kernel ? "kernel on a low stack" :
    level == 3 && a >= kernel ? "USER ON A KERNEL STACK" :
    (a & (word - 1)) != 0 ? "unaligned" : "good";

vec:::
{
	@number[cpl, verdict[sp, cpl]] = count();
	@lowest[cpl, verdict[sp, cpl]] = min(sp);
	@first[cpl, verdict[sp, cpl]] = min(seq);
}

vec:::
/cpl == 0 && verdict[sp, cpl] == "good"/
{
	@used["bytes of the kernel stack in use"] = lquantize(16384 - (sp & 16383), 0, 16384, 1024);
}

END
{
	printf("%3s  %-24s %10s %18s %8s\n", "CPL", "VERDICT", "DELIVERIES", "LOWEST SP", "FIRST");
	printa("%3d  %-24s %@10d %@18x %@8d\n", @number, @lowest, @first);
	printa(@used);
}
