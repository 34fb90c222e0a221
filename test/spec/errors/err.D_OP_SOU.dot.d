/*
 * ASSERTION: a dot needs a struct on its left
 * SECTION: 11
 */

BEGIN { x = 1; trace(x.a); exit(0); }
