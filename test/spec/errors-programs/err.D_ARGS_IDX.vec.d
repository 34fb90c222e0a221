/*
 * ASSERTION: vec probes have one typed argument
 * SECTION: 4
 * ARGS: -t $TRACES/tiny32-triple-fault.log.gz
 */

vec:::0x0e { trace(args[1]); }
BEGIN { exit(0); }
