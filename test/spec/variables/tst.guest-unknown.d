/*
 * ASSERTION: what an interrupt log does not tell of the guest is 0 or a constant
 * SECTION: 4
 * ARGS: -x unsafe -t $TRACES/tiny32-triple-fault.log.gz
 */

#pragma D option quiet
vec:::0x08
{
	printf("%d %d %d %d %d %d %d ", arg6, arg7, arg8, arg9, ppid, uid, gid);
	printf("%d %d %d %s ", errno, caller == 0, ucaller, zonename);
	printf("%d %d %d %d ", ipl, nmi, depth, vtimestamp == timestamp);
	printf("%d %d\n", stackdepth, ustackdepth);
	exit(0);
}
