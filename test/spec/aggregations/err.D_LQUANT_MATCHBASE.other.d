/*
 * ASSERTION: lquantize keeps its bounds
 * SECTION: 7.2
 */

BEGIN { @a = lquantize(1, 0, 10); @a = lquantize(1, 2, 10); exit(0); }
