/*
 * ASSERTION: print is not for aggregations
 * SECTION: 6.1
 */

BEGIN { @a = count(); print(@a); exit(0); }
