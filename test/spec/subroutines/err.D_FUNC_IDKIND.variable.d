/*
 * ASSERTION: a variable cannot be called
 * SECTION: 2.5
 */

BEGIN { n = 1; trace(n(1)); exit(0); }
