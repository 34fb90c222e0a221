#!/usr/bin/env -S trapline -s
/*
 * What led to the triple fault?
 *
 * Run:   trapline --unsafe -s examples/triple-fault.d -t examples/traces/tiny32-triple-fault.log.gz
 * Read:  each exception in order with its error code and where it struck; the last ones before TRIPLE FAULT are the
 *        cascade. Kernels that die this early run with interrupts disabled, hence --unsafe.
 * Prints (excerpt):
 *        |     0  invalid_opcode       error 0000  cpl 0  pc 000000000010003a  sp 0000000000108800
 *        |     1  general_protection   error 0032  cpl 0  pc 000000000010003a  sp 0000000000108800
 *        |     2  double_fault         error 0000  cpl 0  pc 000000000010003a  sp 0000000000108800
 *        |        TRIPLE FAULT
 *
 * ARGS:  --unsafe -t $TRACES/tiny32-triple-fault.log.gz
 */
#pragma D option quiet

vec:exception::
{
	printf("%5d  %-20s error %04x  cpl %d  pc %016x  sp %016x\n", seq, probefunc, errcode, cpl, pc, sp);
}

cpu:::triple_fault
{
	printf("       TRIPLE FAULT\n");
}

cpu:::reset
{
	printf("       cpu %d reset\n", cpu);
}
