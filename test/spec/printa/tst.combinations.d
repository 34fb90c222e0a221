/*
 * ASSERTION: normalize, clear, trunc and denormalize one after the other
 * SECTION: 7.7
 */

#pragma D option quiet

BEGIN { @[1] = sum(10); @[2] = sum(20); @[3] = sum(30); }
BEGIN { normalize(@, 5); trunc(@, 2); printa("%d:%@d ", @); }
BEGIN { @[1] = sum(40); }
BEGIN { printa("%d:%@d ", @); }
BEGIN { clear(@); printa("%d:%@d ", @); }
BEGIN { denormalize(@); }
BEGIN { @[2] = sum(7); }
BEGIN { printa("%d:%@d ", @); trunc(@); printa("%d:%@d ", @); printf("\n"); exit(0); }
