/*
 * ASSERTION: quantize takes at most two arguments
 * SECTION: 7.1
 */

BEGIN { @a = quantize(1, 2, 3); exit(0); }
