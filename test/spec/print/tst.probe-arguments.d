/*
 * ASSERTION: print() shows the typed argument of a vec probe whole, as a struct and through its pointer
 * SECTION: 8.6
 * ARGS: -q -t $TRACES/tiny32-int-storm.log.gz
 */

vec::: { print(*args[0]); printf("\n"); print(args[0]); exit(0); }
