/*
 * ASSERTION: a string is not multiplied
 * SECTION: 11
 */

BEGIN { trace("a" * 2); exit(0); }
