/*
 * ASSERTION: clear keeps keys and divisors; later data count from the start
 * SECTION: 7.7
 */

#pragma D option quiet

BEGIN { @[1] = sum(100); @[2] = sum(200); }
BEGIN { normalize(@, 10); clear(@); printa("%d %@d\n", @); }
BEGIN { @[1] = sum(50); }
BEGIN { printa("%d %@d\n", @); exit(0); }
