/*
 * ASSERTION: a conversion's argument must have its type
 * SECTION: 8.3
 */

BEGIN { printf("%d %s\n", 1, 2); exit(0); }
