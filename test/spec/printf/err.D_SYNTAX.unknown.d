/*
 * ASSERTION: an unknown conversion is refused
 * SECTION: 8.1
 */

BEGIN { printf("%n\n", 1); exit(0); }
