/*
 * ASSERTION: only an aggregating function can be assigned
 * SECTION: 7
 */

BEGIN { @a = 1; exit(0); }
