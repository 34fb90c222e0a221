/*
 * ASSERTION: the verified example of the reference
 * SECTION: 7.4
 */

#pragma D option quiet

BEGIN { @[7] = quantize(-5); @[7] = quantize(-1); @[7] = quantize(0); @[7] = quantize(1); @[7] = quantize(2); @[7] = quantize(3); @[7] = quantize(3); @[7] = quantize(100); @[7] = quantize(1000); exit(0); }
