/*
 * ASSERTION: an associative array keeps its keys
 * SECTION: 3.8
 */

int x[int];
int x[string];
BEGIN { exit(0); }
