/*
 * ASSERTION: an aggregation has one function
 * SECTION: 7
 */

BEGIN { @a = count(); @a = sum(1); exit(0); }
