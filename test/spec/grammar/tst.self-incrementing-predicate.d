/*
 * ASSERTION: the body is checked before the predicate, and after it when it uses a name the predicate makes
 * SECTION: 3.8
 * ARGS: -t $TRACES/tiny32-int-storm.log.gz
 */

#pragma D option quiet

vec:::0x80 /x++ == 1/ { trace(x); exit(0); }
