/*
 * ASSERTION: aggzoom scales to the largest count of either sign
 * SECTION: 7.4
 * ARGS: -x aggzoom
 */

#pragma D option quiet

BEGIN { @ = quantize(1, 10); @ = quantize(2, -5); exit(0); }
