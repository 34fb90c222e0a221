/*
 * ASSERTION: a scalar is no array
 * SECTION: 3.8
 */

BEGIN { x = 1; trace(x[1]); exit(0); }
