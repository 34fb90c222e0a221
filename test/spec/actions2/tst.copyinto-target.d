/*
 * ASSERTION: copyinto writes to scratch only
 * SECTION: 5
 */

#pragma D option quiet


BEGIN { copyinto(0x3000, 8, (void *)0x10); }
BEGIN { exit(0); }
