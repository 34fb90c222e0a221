/*
 * ASSERTION: an aggregation is no number
 * SECTION: 7
 */

BEGIN { @a = count(); trace(@a + 1); exit(0); }
