/*
 * ASSERTION: a constant index out of an array's bounds is an error
 * SECTION: 3.4
 */

int v[4];
BEGIN { v[4] = 1; exit(0); }
