/*
 * ASSERTION: the high magnitude is a 16-bit quantity
 * SECTION: 7.3
 */

BEGIN { x = 1; @a = llquantize(x, 10, 0, 65536, 20); exit(0); }
