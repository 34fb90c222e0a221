/*
 * ASSERTION: there are at least as many steps as the factor
 * SECTION: 7.3
 */

BEGIN { @a = llquantize(1, 10, 0, 3, 7); exit(0); }
