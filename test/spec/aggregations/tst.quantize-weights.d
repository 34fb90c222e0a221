/*
 * ASSERTION: a weight may be negative: with mixed signs the bars share the middle line
 * SECTION: 7.4
 */

#pragma D option quiet

BEGIN { @ = quantize(1, 3); @ = quantize(4, -1); exit(0); }
