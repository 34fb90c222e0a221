/*
 * ASSERTION: a prototype may be static
 * SECTION: 1.3
 */

static int f(int, char *);
BEGIN { exit(0); }
