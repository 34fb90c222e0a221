/*
 * ASSERTION: breakpoint needs a guest that runs: on a log it faults and says so
 * SECTION: 6.1
 * ARGS: -w -t $TRACES/tiny32-int-storm.log.gz
 */

#pragma D option quiet


vec:::0x80 /n++ == 0/ { breakpoint(); }
ERROR { printf("code %d\n", arg4); }
