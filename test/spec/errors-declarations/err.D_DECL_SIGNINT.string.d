/*
 * ASSERTION: a string has no sign
 * SECTION: 3.1
 */

unsigned string s;
BEGIN { exit(0); }
