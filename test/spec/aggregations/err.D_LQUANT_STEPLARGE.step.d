/*
 * ASSERTION: a step larger than the range is an error
 * SECTION: 7.2
 */

BEGIN { @a = lquantize(1, 0, 10, 20); exit(0); }
