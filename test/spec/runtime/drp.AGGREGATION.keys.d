/*
 * ASSERTION: a new key that finds no room is dropped and counted; keys that are there go on
 * SECTION: 9.7
 * ARGS: -x aggsize=1k -t $TRACES/tiny32-int-storm.log.gz
 */

#pragma D option quiet

vec::: { @[seq] = count(); @all[0] = count(); }
END { trunc(@); }
