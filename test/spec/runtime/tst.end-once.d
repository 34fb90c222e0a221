/*
 * ASSERTION: END fires once, when the trace ends, and all its clauses run
 * SECTION: 9.8
 * ARGS: -t $TRACES/tiny32-gp-np-df.log.gz
 */

#pragma D option quiet

END { printf("first\n"); }
END { printf("second\n"); }
