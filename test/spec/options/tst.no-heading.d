/*
 * ASSERTION: the heading is printed with the first record, so never without one
 * SECTION: 10.3
 * ARGS: -t $TRACES/tiny32-gp-np-df.log.gz --unsafe
 */

vec::: { n++; }
