/*
 * ASSERTION: lquantize ends in < base and >= limit
 * SECTION: 7.4
 */

#pragma D option quiet

BEGIN { @ = lquantize(-3, 0, 100, 10); @ = lquantize(5, 0, 100, 10); @ = lquantize(11, 0, 100, 10); @ = lquantize(12, 0, 100, 10); @ = lquantize(99, 0, 100, 10); @ = lquantize(100, 0, 100, 10); @ = lquantize(2000, 0, 100, 10); exit(0); }
