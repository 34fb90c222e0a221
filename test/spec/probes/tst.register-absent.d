/*
 * ASSERTION: a register that the event does not carry is a fault, not 0
 * SECTION: 4
 * ARGS: -t $TRACES/tiny32-int-storm.log.gz
 */

#pragma D option quiet

vec:::0x80 { trace(r15); }
vec:::0x80 { printf("on\n"); exit(0); }
