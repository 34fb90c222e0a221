/*
 * ASSERTION: a D variable has no address
 * SECTION: 3.4
 */

BEGIN { x = 1; trace(&x); exit(0); }
