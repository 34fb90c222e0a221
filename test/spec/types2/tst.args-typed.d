/*
 * ASSERTION: args[0] of a vector is an object with typed members
 * SECTION: 4
 * ARGS: -x unsafe -t $TRACES/tiny32-triple-fault.log.gz
 */

#pragma D option quiet

vec:::0x08
{
	printf("%d %d %d\n", args[0]->vector, args[0]->cpl, sizeof (args[0]->pc));
	printf("%d %d\n", args[0]->pc == arg3, args[0]->errcode == arg1);
	exit(0);
}
