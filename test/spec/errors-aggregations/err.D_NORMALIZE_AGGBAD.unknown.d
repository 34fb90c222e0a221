/*
 * ASSERTION: normalize takes an aggregation that there is
 * SECTION: 6.1
 */

BEGIN { normalize(@nosuch, 2); exit(0); }
