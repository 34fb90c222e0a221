/*
 * ASSERTION: %@ is for printa
 * SECTION: 8.3
 */

BEGIN { printf("%@d\n", 1); exit(0); }
