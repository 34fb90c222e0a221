/*
 * ASSERTION: two types do not make one
 * SECTION: 11
 */

int string x;
BEGIN { exit(0); }
