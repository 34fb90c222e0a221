/*
 * ASSERTION: normalize marks the entries of that moment; denormalize takes it back; 0 changes nothing
 * SECTION: 7.7
 */

#pragma D option quiet

BEGIN { @[1] = sum(1000); @[2] = sum(-7); }
BEGIN { normalize(@, 10); }
BEGIN { @[3] = sum(500); }
BEGIN { printa("%d %@d\n", @); printf("-\n"); }
BEGIN { normalize(@, 100); printa("%d %@d\n", @); printf("-\n"); }
BEGIN { normalize(@, 0); printa("%d %@d\n", @); printf("-\n"); }
BEGIN { denormalize(@); printa("%d %@d\n", @); exit(0); }
