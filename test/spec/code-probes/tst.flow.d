/*
 * ASSERTION: -F indents what happens in a system call and in a function
 * SECTION: 10.1
 * ARGS: -F -t $TRACES/linux-x86_64-int+exec-cpu-dfilter.log.gz --symbols $TRACES/linux-x86_64-cut.vmlinux.gz
 */

syscall::openat: { }
fbt::do_sys_openat2: { }
syscall::openat:return /++n == 2/ { exit(0); }
