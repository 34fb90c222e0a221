/*
 * ASSERTION: %Y takes 64 bits
 * SECTION: 8.3
 */

BEGIN { printf("%Y", cpu); exit(0); }
