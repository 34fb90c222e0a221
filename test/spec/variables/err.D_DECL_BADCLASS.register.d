/*
 * ASSERTION: C's storage classes register and auto have no place in D
 * SECTION: 1.3
 */

register int n;
BEGIN { exit(0); }
