/*
 * ASSERTION: the last row of lquantize begins where whole steps end
 * SECTION: 7.2
 */

#pragma D option quiet

BEGIN { @ = lquantize(8, 0, 10, 4); @ = lquantize(7, 0, 10, 4, 2); exit(0); }
