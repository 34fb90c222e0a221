/*
 * ASSERTION: fill with room enough traces to the end
 * SECTION: 9.7
 * ARGS: -x bufpolicy=fill -t $TRACES/tiny32-int-storm.log.gz
 */

#pragma D option quiet


vec::: /seq < 3/ { printf("%d\n", seq); }
END { printf("END\n"); }
