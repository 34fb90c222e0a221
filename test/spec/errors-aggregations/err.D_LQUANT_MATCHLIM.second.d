/*
 * ASSERTION: every use of an aggregation has the same limit
 * SECTION: 7.1
 */

BEGIN { @a = lquantize(1, 0, 100, 10); @a = lquantize(1, 0, 101, 10); exit(0); }
