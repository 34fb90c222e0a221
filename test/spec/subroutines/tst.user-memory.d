/*
 * ASSERTION: in a log no user address can be read or written
 * SECTION: 5
 * ARGS: -w
 */

#pragma D option quiet
BEGIN { copyin(0x1000, 4); }
BEGIN { trace(copyinstr(0x2000)); }
BEGIN { copyinto(0x3000, 4, alloca(4)); }
BEGIN { copyout(alloca(4), 0x4000, 4); }
BEGIN { copyoutstr("abc", 0x5000, 4); }
BEGIN { exit(0); }
