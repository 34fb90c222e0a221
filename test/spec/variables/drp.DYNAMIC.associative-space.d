/*
 * ASSERTION: a store that finds no room for dynamic variables is dropped and counted, and reads give 0
 * SECTION: 9.9
 * ARGS: -x dynvarsize=256 -t $TRACES/tiny32-int-storm.log.gz
 */

#pragma D option quiet

vec::: { a[seq] = 1; }
vec:::0x80 { held += a[seq]; }
END { printf("%s\n", held < 200 ? "some were dropped" : "all were held"); }
