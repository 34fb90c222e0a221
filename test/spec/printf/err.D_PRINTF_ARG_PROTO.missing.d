/*
 * ASSERTION: a conversion without an argument is an error
 * SECTION: 8.3
 */

BEGIN { printf("%d %d\n", 1); exit(0); }
