/*
 * ASSERTION: a variable array has a size
 * SECTION: 2.3
 */

int x[];
BEGIN { exit(0); }
