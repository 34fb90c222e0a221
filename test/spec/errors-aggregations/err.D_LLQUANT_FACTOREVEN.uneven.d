/*
 * ASSERTION: the factor divides the steps
 * SECTION: 7.3
 */

BEGIN { @a = llquantize(1, 10, 0, 3, 25); exit(0); }
