/*
 * ASSERTION: every use of an aggregation has the same low magnitude
 * SECTION: 7.3
 */

BEGIN { @a = llquantize(1, 10, 0, 3, 20); @a = llquantize(1, 10, 1, 3, 20); exit(0); }
