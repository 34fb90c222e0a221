/*
 * ASSERTION: printa wants an aggregation that exists
 * SECTION: 7.6
 */

BEGIN { printa(@nosuch); exit(0); }
