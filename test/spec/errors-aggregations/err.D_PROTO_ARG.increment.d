/*
 * ASSERTION: an increment is a number
 * SECTION: 7.1
 */

BEGIN { @a = quantize(1, "a"); exit(0); }
