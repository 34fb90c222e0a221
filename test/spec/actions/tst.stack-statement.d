/*
 * ASSERTION: stack() and ustack() are actions, with or without a number of frames
 * SECTION: 6.1
 * ARGS: -t $TRACES/tiny32-gp-np-df.log.gz --unsafe
 */

#pragma D option quiet

vec:::0x0d { stack(5); ustack(2); stack(); exit(0); }
