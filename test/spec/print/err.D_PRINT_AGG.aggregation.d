/*
 * ASSERTION: an aggregation cannot be printed with print
 * SECTION: 8.6
 */

BEGIN { @a = count(); print(@a); exit(0); }
