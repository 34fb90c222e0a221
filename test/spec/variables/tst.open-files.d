/*
 * ASSERTION: fds[] compiles with all members of a fileinfo_t, and each faults where the kernel is not known
 * SECTION: 4
 */

#pragma D option quiet
BEGIN { trace(fds[0].fi_name); }
BEGIN { trace(fds[0].fi_dirname); }
BEGIN { trace(fds[0].fi_pathname); }
BEGIN { trace(fds[0].fi_offset); }
BEGIN { trace(fds[0].fi_fs); }
BEGIN { trace(fds[0].fi_mount); }
BEGIN { trace(fds[arg0].fi_oflags); }
BEGIN { exit(0); }
