/*
 * ASSERTION: void has no name
 * SECTION: 2.3
 */

int f(void x);
BEGIN { exit(0); }
