/*
 * ASSERTION: counts of both signs have a bar in the middle
 * SECTION: 7.4
 */

#pragma D option quiet

BEGIN { @ = quantize(1, 3); @ = quantize(4, -1); exit(0); }
