/*
 * ASSERTION: a built-in variable is read-only
 * SECTION: 4
 */

BEGIN { pid = 1; exit(0); }
