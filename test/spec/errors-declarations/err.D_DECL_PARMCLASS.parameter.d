/*
 * ASSERTION: a parameter has no storage class
 * SECTION: 2.3
 */

int f(self int a);
BEGIN { exit(0); }
