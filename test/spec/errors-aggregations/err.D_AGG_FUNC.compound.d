/*
 * ASSERTION: only = aggregates
 * SECTION: 7
 */

BEGIN { @a += 1; exit(0); }
