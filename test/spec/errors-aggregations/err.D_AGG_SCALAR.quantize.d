/*
 * ASSERTION: quantize takes a number
 * SECTION: 7.1
 */

BEGIN { @a = quantize("a"); exit(0); }
