/*
 * ASSERTION: the number of steps is a 16-bit quantity
 * SECTION: 7.3
 */

BEGIN { x = 1; @a = llquantize(x, 10, 0, 3, 65536); exit(0); }
