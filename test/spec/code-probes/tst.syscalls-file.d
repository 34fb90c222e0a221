/*
 * ASSERTION: -x syscalls=FILE names the calls of another kernel, in place of Linux'
 * SECTION: 14
 * ARGS: -q -l -x syscalls=test/spec/code-probes/tiny-syscalls.json
 */

syscall::nothing: { }
syscall:linux32:read: { }
