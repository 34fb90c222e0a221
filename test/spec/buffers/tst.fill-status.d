/*
 * ASSERTION: a full buffer ends tracing with status 0, and END may say otherwise
 * SECTION: 9.8
 * ARGS: -b 128 -x bufpolicy=fill -t $TRACES/tiny32-int-storm.log.gz
 */

#pragma D option quiet


vec::: { printf("%d\n", seq); }
END { exit(5); }
