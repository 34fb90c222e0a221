/*
 * ASSERTION: clear takes an aggregation that there is
 * SECTION: 6.1
 */

BEGIN { clear(@nosuch); exit(0); }
