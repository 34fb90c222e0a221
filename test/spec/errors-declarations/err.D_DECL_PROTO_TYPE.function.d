/*
 * ASSERTION: a function is no key
 * SECTION: 2.3
 */

int x[int f(int)];
BEGIN { exit(0); }
