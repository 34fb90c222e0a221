/*
 * ASSERTION: a width argument is an integer
 * SECTION: 8.3
 */

BEGIN { printf("%*d\n", "w", 1); exit(0); }
