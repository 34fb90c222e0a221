/*
 * ASSERTION: a size is short or long
 * SECTION: 3.1
 */

short long x;
BEGIN { exit(0); }
