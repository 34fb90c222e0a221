/*
 * ASSERTION: an aggregation has no address
 * SECTION: 3.4
 */

BEGIN { @a = count(); trace(&@a); exit(0); }
