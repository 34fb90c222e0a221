/*
 * ASSERTION: aggpack and agghist together: each for what it can draw
 * SECTION: 7.5
 * ARGS: -x aggpack -x agghist
 */

#pragma D option quiet

BEGIN { @n["a"] = sum(1); @q["a"] = quantize(4); exit(0); }
