/*
 * ASSERTION: a variable of a struct without a body is an error
 * SECTION: 2.3
 */

struct nosuch v;
BEGIN { exit(0); }
