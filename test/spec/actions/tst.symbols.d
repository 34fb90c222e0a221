/*
 * ASSERTION: without symbols an address renders as its number
 * SECTION: 8.7
 * ARGS: -t $TRACES/tiny32-gp-np-df.log.gz --unsafe
 */

#pragma D option quiet

vec:::0x0d { sym(pc); trace("|"); mod(pc); trace("|"); func(pc); printf("|%a\n", pc); exit(0); }
