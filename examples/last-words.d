#!/usr/bin/env -S trapline -s
/*
 * What were the guest's last events before it reset?
 *
 * Run:   trapline --unsafe -s examples/last-words.d -t examples/traces/tiny32-pf-recursive-triple.log.gz 8
 * Read:  the last deliveries (8, or as many as the argument says) before each triple fault, oldest first. The same pc
 *        with a stack pointer that falls step by step is a handler that faults itself until its stack runs out.
 * Prints (excerpt):
 *        |    EVENT WHAT                 CODE CPL               PC               SP              CR2
 *        |     1149 page_fault           0000   0         d0000000           105050         d0000000
 *        |     1150 double_fault         0000   0         d0000000           105050                0
 *        |     1151 page_fault           0000   0         d0000000           105040         d0000000
 *        |     1152 double_fault         0000   0         d0000000           105040                0
 *        |          TRIPLE FAULT of CPU 0 at line 23536 of the log
 *
 * ARGS:  --unsafe -t $TRACES/tiny32-pf-recursive-triple.log.gz
 * OPERANDS: 8
 */
#pragma D option quiet
#pragma D option defaultargs

inline int kept = $1 > 0 ? $1 : 8;

/* The largest values of this aggregation are its newest: trunc() makes it a ring. */
vec:::
{
	@last[seq, probefunc, errcode, cpl, pc, sp, vector == 14 ? cr2 : 0] = max(seq);
}

vec:::
/seq % 1000 == 999/
{
	trunc(@last, kept);
}

cpu:::triple_fault
{
	trunc(@last, kept);
	printf("%8s %-20s %4s %3s %16s %16s %16s\n", "EVENT", "WHAT", "CODE", "CPL", "PC", "SP", "CR2");
	printa("%8d %-20s %04x %3d %16x %16x %16x\n", @last);
	printf("%8s TRIPLE FAULT of CPU %d at line %d of the log\n", "", cpu, line);
	trunc(@last);
}
