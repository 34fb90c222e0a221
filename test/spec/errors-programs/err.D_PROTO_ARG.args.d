/*
 * ASSERTION: the subscript of args[] is a constant
 * SECTION: 11
 * ARGS: -t $TRACES/tiny32-triple-fault.log.gz
 */

vec:::0x0e { x = 0; trace(args[x]); }
BEGIN { exit(0); }
