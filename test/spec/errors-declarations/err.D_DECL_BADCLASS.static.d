/*
 * ASSERTION: static has no meaning in D
 * SECTION: 2.3
 */

static int x;
BEGIN { exit(0); }
