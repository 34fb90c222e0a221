/*
 * ASSERTION: self is no storage class of a key
 * SECTION: 2.3
 */

int x[int, self string];
BEGIN { exit(0); }
