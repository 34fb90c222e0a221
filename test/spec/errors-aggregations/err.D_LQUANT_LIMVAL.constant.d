/*
 * ASSERTION: the limit has 32 bits
 * SECTION: 7.1
 */

BEGIN { x = 1; @a = lquantize(x, 0, 0x100000000, 1); exit(0); }
