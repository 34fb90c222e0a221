/*
 * ASSERTION: an argument without a conversion is an error
 * SECTION: 8.3
 */

BEGIN { printf("%d\n", 1, 2); exit(0); }
