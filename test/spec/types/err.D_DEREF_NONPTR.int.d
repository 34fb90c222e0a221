/*
 * ASSERTION: only a pointer can be dereferenced
 * SECTION: 3.4
 */

BEGIN { i = 1; trace(*i); exit(0); }
