/*
 * ASSERTION: each clause types its own args[]
 * SECTION: 4
 * ARGS: -x unsafe -t $TRACES/tiny32-triple-fault.log.gz
 */

#pragma D option quiet

vec:exception::, vec:interrupt::
/args[0]->vector == 8/
{
	printf("%d %d\n", args[0]->vector, args[0]->soft);
	exit(0);
}
