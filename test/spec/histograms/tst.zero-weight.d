/*
 * ASSERTION: an increment of 0 makes the key and no count
 * SECTION: 7.4
 */

#pragma D option quiet

BEGIN { @["k"] = quantize(8, 0); exit(0); }
