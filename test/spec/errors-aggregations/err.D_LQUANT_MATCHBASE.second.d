/*
 * ASSERTION: every use of an aggregation has the same base
 * SECTION: 7.1
 */

BEGIN { @a = lquantize(1, 0, 100, 10); @a = lquantize(1, 1, 100, 10); exit(0); }
