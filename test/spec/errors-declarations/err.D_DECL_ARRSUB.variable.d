/*
 * ASSERTION: the size of an array is a constant
 * SECTION: 2.3
 */

int n;
int x[n];
BEGIN { exit(0); }
