/*
 * ASSERTION: records of different sizes share a ring
 * SECTION: 9.7
 * ARGS: -b 300 -x bufpolicy=ring -t $TRACES/tiny32-int-storm.log.gz
 */

#pragma D option quiet
#pragma D option strsize=32

vec:::0x80 /seq < 100/ { printf("%d %s\n", seq, probename); }
vec:::0x03 /seq < 100/ { printf("%d\n", seq); }
vec:::0x06 /seq < 100/ { printf("%d %x %x\n", seq, vector, cpl); }
