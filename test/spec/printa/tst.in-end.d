/*
 * ASSERTION: printa in END prints once; nothing follows
 * SECTION: 7.6
 */

#pragma D option quiet

BEGIN { @[1] = count(); @[2] = count(); exit(0); }
END { printa("%d:%@d\n", @); }
