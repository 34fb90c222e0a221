/*
 * ASSERTION: an aggregation cannot be a key
 * SECTION: 11
 */

BEGIN { @a = count(); @b[@a] = count(); exit(0); }
