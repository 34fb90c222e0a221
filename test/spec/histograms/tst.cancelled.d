/*
 * ASSERTION: increments that cancel leave an empty table
 * SECTION: 7.4
 */

#pragma D option quiet

BEGIN { @q = quantize(1, 3); @q = quantize(1, -3); @l = lquantize(5, 0, 100, 10, 2); @l = lquantize(5, 0, 100, 10, -2); @ll = llquantize(5, 10, 0, 2, 10, 1); @ll = llquantize(5, 10, 0, 2, 10, -1); exit(0); }
