/*
 * ASSERTION: a format may use fewer keys than there are, and %@ takes flags, width and another base
 * SECTION: 7.6
 */

#pragma D option quiet

BEGIN { @["k", 12] = sum(255); printa("%s\n", @); printa("%s %d|%@8d|%-@8d|%@x|%@5u\n", @); exit(0); }
