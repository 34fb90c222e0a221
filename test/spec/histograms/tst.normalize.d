/*
 * ASSERTION: normalize divides the counts and leaves the bars
 * SECTION: 7.7
 */

#pragma D option quiet

BEGIN { @ = quantize(1, 30); @ = quantize(2, 10); normalize(@, 10); exit(0); }
