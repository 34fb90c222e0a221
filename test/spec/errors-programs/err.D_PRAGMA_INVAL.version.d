/*
 * ASSERTION: a version is made of numbers
 * SECTION: 13.2
 */

int x;
#pragma D binding "one" x
BEGIN { exit(0); }
