/*
 * ASSERTION: a cleared histogram keeps its divisor
 * SECTION: 7.7
 */

#pragma D option quiet

BEGIN { @["k"] = quantize(4, 10); }
BEGIN { normalize(@, 10); clear(@); }
BEGIN { @["k"] = quantize(1, 25); exit(0); }
