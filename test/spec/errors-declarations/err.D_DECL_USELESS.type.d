/*
 * ASSERTION: a type alone declares nothing
 * SECTION: 2.3
 */

int;
BEGIN { exit(0); }
