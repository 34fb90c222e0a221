/*
 * ASSERTION: trunc takes an aggregation
 * SECTION: 6.1
 */

BEGIN { trunc(); exit(0); }
