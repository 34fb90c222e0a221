/*
 * ASSERTION: the base has 32 bits
 * SECTION: 7.1
 */

BEGIN { x = 1; @a = lquantize(x, 0x100000000, 0x200000000, 1); exit(0); }
