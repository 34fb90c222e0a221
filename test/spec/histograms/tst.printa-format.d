/*
 * ASSERTION: a histogram in a format stands where its %@ does
 * SECTION: 7.6
 */

#pragma D option quiet

BEGIN { @["k"] = quantize(4); printa("key %s:%@d;\n", @); exit(0); }
