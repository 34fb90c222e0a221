/*
 * ASSERTION: a format may use fewer keys than there are
 * SECTION: 7.6
 */

#pragma D option quiet

BEGIN { @[1, "one"] = sum(10); @[2, "two"] = sum(20); printa("%d=%@d\n", @); printa("%@d\n", @); printa("x", @); exit(0); }
