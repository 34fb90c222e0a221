/*
 * ASSERTION: quantize counts by powers of two, negatives toward zero, with one empty bucket on each side
 * SECTION: 7.4
 */

#pragma D option quiet

BEGIN
{
	@[7] = quantize(-5); @[7] = quantize(-1); @[7] = quantize(0); @[7] = quantize(1);
	@[7] = quantize(2); @[7] = quantize(3); @[7] = quantize(3); @[7] = quantize(100); @[7] = quantize(1000);
	exit(0);
}
