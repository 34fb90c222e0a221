/*
 * ASSERTION: a clause-local variable is no associative array
 * SECTION: 2.3
 */

this int x[int];
BEGIN { exit(0); }
