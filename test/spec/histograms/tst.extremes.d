/*
 * ASSERTION: the outermost buckets of quantize
 * SECTION: 7.2
 */

#pragma D option quiet

BEGIN { @ = quantize((int64_t)1 << 62); @ = quantize(((int64_t)1 << 63) - 1); exit(0); }
