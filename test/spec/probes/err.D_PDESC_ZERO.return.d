/*
 * ASSERTION: a probe that a log cannot give is an error that says who could
 * SECTION: 2.6
 * ARGS: -t $TRACES/tiny32-int-storm.log.gz
 */

vec:::return { exit(0); }
