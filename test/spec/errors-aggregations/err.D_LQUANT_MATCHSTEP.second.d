/*
 * ASSERTION: every use of an aggregation has the same step
 * SECTION: 7.1
 */

BEGIN { @a = lquantize(1, 0, 100, 10); @a = lquantize(1, 0, 100, 20); exit(0); }
