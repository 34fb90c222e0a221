/*
 * ASSERTION: a stack can be a key
 * SECTION: 7.5
 * ARGS: -t $TRACES/tiny32-int-storm.log.gz
 */

#pragma D option quiet

vec:::0x30 { @[stack(1), probename] = count(); }
