/*
 * ASSERTION: a number without a name is a system call of its own
 * SECTION: 14
 * ARGS: -q -l
 */

syscall::sys_4000:entry { }
syscall::sys_5000:entry { }
syscall:linux32:sys_3:entry { }
