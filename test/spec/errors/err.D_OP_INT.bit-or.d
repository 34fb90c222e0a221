/*
 * ASSERTION: bitwise operators want integers
 * SECTION: 11
 */

BEGIN { trace("a" | 1); exit(0); }
