/*
 * ASSERTION: pointers do not add
 * SECTION: 3.4
 */

BEGIN { p = (int *)0; trace(p + p); exit(0); }
