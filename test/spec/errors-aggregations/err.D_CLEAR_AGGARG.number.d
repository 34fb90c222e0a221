/*
 * ASSERTION: clear takes an aggregation
 * SECTION: 6.1
 */

BEGIN { clear(1); exit(0); }
