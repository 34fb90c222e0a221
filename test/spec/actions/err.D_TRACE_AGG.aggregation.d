/*
 * ASSERTION: an aggregation cannot be traced
 * SECTION: 6.1
 */

BEGIN { @a = count(); trace(@a); exit(0); }
