/*
 * ASSERTION: a bit-field is an integer
 * SECTION: 3.4
 */

struct t { int *a : 3; };
BEGIN { exit(0); }
