/*
 * ASSERTION: probes with different arguments share no args[]
 * SECTION: 4
 * ARGS: -t $TRACES/tiny32-triple-fault.log.gz
 */

BEGIN,
vec:::0x0e
{
	trace(args[0]);
	exit(0);
}
