/*
 * ASSERTION: agghist draws sums of both signs from the middle
 * SECTION: 7.5
 * ARGS: -x agghist
 */

#pragma D option quiet

BEGIN { @[1] = sum(-10); @[2] = sum(10); @[3] = sum(5); exit(0); }
