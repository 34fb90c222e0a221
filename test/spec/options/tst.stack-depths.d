/*
 * ASSERTION: stackframes, ustackframes and jstackframes are the default depths
 * SECTION: 10.2
 * ARGS: -x unsafe -t $TRACES/tiny32-triple-fault.log.gz
 */

#pragma D option quiet
#pragma D option stackframes=1
#pragma D option ustackframes=1
#pragma D option jstackframes=1
vec:::0x08 { @[stackdepth, ustackdepth] = count(); stack(); ustack(); jstack(); exit(0); }
