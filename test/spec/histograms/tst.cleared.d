/*
 * ASSERTION: a cleared histogram prints an empty table
 * SECTION: 7.7
 */

#pragma D option quiet

BEGIN { @q["k"] = quantize(500); clear(@q); exit(0); }
