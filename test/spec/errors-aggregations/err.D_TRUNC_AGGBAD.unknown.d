/*
 * ASSERTION: trunc takes an aggregation that there is
 * SECTION: 6.1
 */

BEGIN { trunc(@nosuch); exit(0); }
