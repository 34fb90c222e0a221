/*
 * ASSERTION: execname is the tracer in BEGIN and the source elsewhere
 * SECTION: 4
 * ARGS: -x unsafe -t $TRACES/tiny32-triple-fault.log.gz
 */

#pragma D option quiet
BEGIN { printf("%s %d\n", execname, walltimestamp > 0); }
vec:::0x08 { printf("%s %d\n", execname, pid); exit(0); }
