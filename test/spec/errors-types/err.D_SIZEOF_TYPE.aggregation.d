/*
 * ASSERTION: an aggregation has no size
 * SECTION: 3.4
 */

BEGIN { @a = count(); trace(sizeof (@a)); exit(0); }
