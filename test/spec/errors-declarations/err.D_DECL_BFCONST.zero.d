/*
 * ASSERTION: a named bit-field has at least one bit
 * SECTION: 3.4
 */

struct t { int a : 0; };
BEGIN { exit(0); }
