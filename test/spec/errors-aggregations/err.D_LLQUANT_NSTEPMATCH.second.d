/*
 * ASSERTION: every use of an aggregation has the same number of steps
 * SECTION: 7.3
 */

BEGIN { @a = llquantize(1, 10, 0, 3, 20); @a = llquantize(1, 10, 0, 3, 100); exit(0); }
