/*
 * ASSERTION: aggzoom scales bars to the largest bucket
 * SECTION: 7.5
 * ARGS: -x aggzoom
 */

#pragma D option quiet

BEGIN { @ = lquantize(0, 0, 3); @ = lquantize(1, 0, 3); @ = lquantize(1, 0, 3); @ = lquantize(2, 0, 3); exit(0); }
