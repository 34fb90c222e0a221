/*
 * ASSERTION: clear takes one aggregation
 * SECTION: 6.1
 */

BEGIN { @a = count(); clear(@a, @a); exit(0); }
