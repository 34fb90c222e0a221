/*
 * ASSERTION: there is no array of associative arrays
 * SECTION: 2.3
 */

int x[3][int];
BEGIN { exit(0); }
