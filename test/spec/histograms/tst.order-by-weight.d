/*
 * ASSERTION: histograms sort by the sum of value times count
 * SECTION: 7.5
 */

#pragma D option quiet

BEGIN { @["much"] = quantize(100); @["little"] = quantize(1); @["little"] = quantize(2); @["negative"] = quantize(-100); exit(0); }
