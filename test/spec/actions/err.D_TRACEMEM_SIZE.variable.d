/*
 * ASSERTION: tracemem's size is a constant
 * SECTION: 6.1
 */

BEGIN { n = 4; tracemem(0, n); exit(0); }
