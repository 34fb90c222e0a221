/*
 * ASSERTION: the step is positive
 * SECTION: 7.1
 */

BEGIN { x = 1; @a = lquantize(x, 0, 10, 0); exit(0); }
