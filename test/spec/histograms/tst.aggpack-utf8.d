/*
 * ASSERTION: aggpack with blocks of eight heights
 * SECTION: 7.5
 * ARGS: -x aggpack -x encoding=utf8
 */

#pragma D option quiet

BEGIN { @["a"] = lquantize(1, 0, 5, 1, 8); @["a"] = lquantize(2, 0, 5, 1, 4); @["a"] = lquantize(3, 0, 5, 1, 2); @["b"] = lquantize(4, 0, 5); exit(0); }
