/*
 * ASSERTION: an associative array has as many keys as it says
 * SECTION: 2.3
 */

int x[int, ...];
BEGIN { exit(0); }
