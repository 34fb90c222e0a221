/*
 * ASSERTION: a pointer takes one subscript
 * SECTION: 3.8
 */

BEGIN { p = (int *)0; trace(p[1, 2]); exit(0); }
