/*
 * ASSERTION: an aggregation always has the same number of keys
 * SECTION: 7.1
 */

BEGIN { @a[1] = count(); @a[1, 2] = count(); exit(0); }
