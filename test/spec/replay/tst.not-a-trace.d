/*
 * ASSERTION: a file that is no log is reported and still gives BEGIN and END
 * SECTION: 9
 * ARGS: -t $TRACES/README.md
 */

#pragma D option quiet

BEGIN, END { printf("%s\n", probename); }
vec::: { printf("never\n"); }
