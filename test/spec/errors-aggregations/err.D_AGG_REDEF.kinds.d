/*
 * ASSERTION: an aggregation keeps its function
 * SECTION: 7
 */

BEGIN { @a = sum(1); @a = avg(2); exit(0); }
