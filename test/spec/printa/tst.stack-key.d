/*
 * ASSERTION: a stack key prints its frames, and the value stands on a line of its own
 * SECTION: 7.5
 * ARGS: -t $TRACES/tiny32-gp-np-df.log.gz --unsafe
 */

#pragma D option quiet

vec:::0x0d { @[stack(), "k"] = count(); @s[ustack()] = count(); exit(0); }
