/*
 * ASSERTION: the clauses of a probe run in the program's order, whatever their descriptions
 * SECTION: 9.4
 * ARGS: -t $TRACES/tiny32-gp-np-df.log.gz --unsafe
 */

#pragma D option quiet

vec:::0x08 { printf("1"); }
vec::: { printf("2"); }
vec:::8, vec::general_protection: { printf("3\n"); }
