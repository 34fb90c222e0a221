/*
 * ASSERTION: a condition is scalar
 * SECTION: 11
 */

BEGIN { trace("a" ? 1 : 2); exit(0); }
