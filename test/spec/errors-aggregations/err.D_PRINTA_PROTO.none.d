/*
 * ASSERTION: printa takes an aggregation
 * SECTION: 7.6
 */

BEGIN { printa(); exit(0); }
