/*
 * ASSERTION: an array has less than 2^31 elements
 * SECTION: 2.3
 */

char x[0x80000000];
BEGIN { exit(0); }
