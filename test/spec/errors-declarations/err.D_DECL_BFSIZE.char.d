/*
 * ASSERTION: a bit-field fits its type
 * SECTION: 3.4
 */

struct t { char a : 9; };
BEGIN { exit(0); }
