/*
 * ASSERTION: normalize divides what is printed of the entries there are; denormalize undoes it; order and bars stay
 * SECTION: 7.7
 */

#pragma D option quiet

BEGIN { @[1] = sum(100); @[2] = sum(-7); @q = quantize(5, 6); }
BEGIN { normalize(@, 5); normalize(@q, 3); }
BEGIN { @[3] = sum(9); }
BEGIN { printa("%d %@d\n", @); printa(@q); }
BEGIN { denormalize(@); printa("%d %@d\n", @); exit(0); }
