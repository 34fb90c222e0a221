/*
 * ASSERTION: trunc ranks histograms by their weight
 * SECTION: 7.7
 */

#pragma D option quiet

BEGIN { @["a"] = quantize(100); @["b"] = quantize(1000); @["c"] = quantize(10); trunc(@, 1); exit(0); }
