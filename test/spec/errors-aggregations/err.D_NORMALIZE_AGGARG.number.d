/*
 * ASSERTION: normalize takes an aggregation
 * SECTION: 6.1
 */

BEGIN { normalize(1, 2); exit(0); }
