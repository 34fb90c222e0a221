/*
 * ASSERTION: an array has at least one element
 * SECTION: 2.3
 */

int x[0];
BEGIN { exit(0); }
