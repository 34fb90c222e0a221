/*
 * ASSERTION: positional arguments are refused
 * SECTION: 8.1
 */

BEGIN { printf("%1$d\n", 1); exit(0); }
