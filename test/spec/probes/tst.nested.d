/*
 * ASSERTION: cpu:::nested fires when the delivery of one exception raises another: arg0 is its vector, arg1 the other's
 * SECTION: 9.1
 * ARGS: --unsafe -t $TRACES/tiny32-gp-np-df.log.gz
 */

#pragma D option quiet

vec::: { printf("%s in event %d\n", probefunc, seq); }
cpu:::nested { printf("%x while delivering %x, line %d\n", arg0, arg1, line); }
