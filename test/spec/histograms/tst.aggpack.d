/*
 * ASSERTION: aggpack prints a histogram per line over common buckets
 * SECTION: 7.5
 * ARGS: -x aggpack
 */

#pragma D option quiet

BEGIN { @["a"] = quantize(1); @["a"] = quantize(2); @["b"] = quantize(8, 3); @["b"] = quantize(1, 1); exit(0); }
