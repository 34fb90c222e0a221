/*
 * ASSERTION: an aggregation alone is no statement
 * SECTION: 7
 */

BEGIN { @a = count(); @a; exit(0); }
