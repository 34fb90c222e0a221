/*
 * ASSERTION: the low magnitude is a 16-bit quantity
 * SECTION: 7.3
 */

BEGIN { x = 1; @a = llquantize(x, 10, 65536, 3, 20); exit(0); }
