/*
 * ASSERTION: in a joint printa a key without a distribution shows an empty table
 * SECTION: 7.6
 */

#pragma D option quiet

BEGIN { @q["x"] = quantize(1); @c["y"] = count(); }
BEGIN { printa("%s %@d %@d\n", @c, @q); exit(0); }
