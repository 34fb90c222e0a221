/*
 * ASSERTION: trunc takes an aggregation, not a number
 * SECTION: 6.1
 */

BEGIN { trunc(1); exit(0); }
