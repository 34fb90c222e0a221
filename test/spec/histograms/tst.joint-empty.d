/*
 * ASSERTION: a histogram missing from a joint printa is an empty table
 * SECTION: 7.6
 */

#pragma D option quiet

BEGIN { @c["a"] = count(); @c["b"] = count(); @q["b"] = quantize(1); printa("%s %@d %@d", @c, @q); printf("\n"); exit(0); }
