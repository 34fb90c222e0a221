/*
 * ASSERTION: every use of an aggregation has the same high magnitude
 * SECTION: 7.3
 */

BEGIN { @a = llquantize(1, 10, 0, 3, 20); @a = llquantize(1, 10, 0, 4, 20); exit(0); }
