/*
 * ASSERTION: lquantize over a negative range
 * SECTION: 7.4
 */

#pragma D option quiet

BEGIN { @ = lquantize(-7, -10, 0, 5); @ = lquantize(-10, -10, 0, 5); @ = lquantize(-11, -10, 0, 5); @ = lquantize(0, -10, 0, 5); exit(0); }
