#!/usr/bin/env -S trapline -s
/*
 * Which faults escalated to a double fault? Print the path of those alone.
 *
 * Run:   trapline --unsafe -s examples/escalation.d -t examples/traces/tiny32-pf-recursive-triple.log.gz
 * Read:  each exception is noted speculatively and forgotten when the next delivery on its CPU is no double fault. What
 *        is printed is therefore the exception that escalated, and the double fault, in pairs: 4 of 1149 page faults
 *        here.
 * Prints (excerpt):
 *        |  1145  page_fault           error 0000  cpl 0  pc c0000000  sp 105070
 *        |  1146  double_fault         escalated
 *        ...
 *        | exceptions: 1149, double faults: 4
 *
 * ARGS:  --unsafe -t $TRACES/tiny32-pf-recursive-triple.log.gz
 */
#pragma D option quiet
#pragma D option nspec=64

self int noted;

vec:::
/vector != 8 && self->noted/
{
	discard(self->noted);
	self->noted = 0;
}

vec:exception::
/vector != 8/
{
	self->noted = speculation();
	@all["exceptions"] = count();
}

vec:exception::
/vector != 8/
{
	speculate(self->noted);
	printf("%5d  %-20s error %04x  cpl %d  pc %x  sp %x\n", seq, probefunc, errcode, cpl, pc, sp);
}

vec::double_fault:
/self->noted/
{
	speculate(self->noted);
	printf("%5d  %-20s escalated\n\n", seq, probefunc);
}

vec::double_fault:
/self->noted/
{
	commit(self->noted);
	self->noted = 0;
}

vec::double_fault:
{
	@escalated["exceptions"] = count();
}

END
{
	printa("%s: %@d, double faults: %@d\n", @all, @escalated);
}
