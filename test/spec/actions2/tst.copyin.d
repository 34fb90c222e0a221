/*
 * ASSERTION: nor any to read: the address is said
 * SECTION: 5
 */

#pragma D option quiet


BEGIN { trace(copyinstr(0x1000)); }
BEGIN { tracemem(copyin(0x2000, 8), 8); }
BEGIN { copyinto(0x3000, 8, alloca(8)); }
BEGIN { exit(0); }
