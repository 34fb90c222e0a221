/*
 * ASSERTION: an aggregation is no string
 * SECTION: 11
 */

BEGIN { @a = count(); trace(stringof(@a)); }
