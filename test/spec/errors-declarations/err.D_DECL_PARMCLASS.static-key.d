/*
 * ASSERTION: a key of an associative array has no storage class
 * SECTION: 2.3
 */

int x[static int];
BEGIN { exit(0); }
