/*
 * ASSERTION: the format is a literal
 * SECTION: 8.3
 */

BEGIN { f = "%d\n"; printf(f, 1); exit(0); }
