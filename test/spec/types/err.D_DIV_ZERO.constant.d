/*
 * ASSERTION: division by the constant 0 is an error
 * SECTION: 3.3
 */

BEGIN { i = 1; trace(i / 0); exit(0); }
