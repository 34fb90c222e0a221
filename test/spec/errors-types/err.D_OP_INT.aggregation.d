/*
 * ASSERTION: an aggregation is no integer
 * SECTION: 11
 */

BEGIN { @a = count(); trace(@a & 1); }
