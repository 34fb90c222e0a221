/*
 * ASSERTION: an argument beyond six lies on the stack, which no log shows: a fault of its clause, never 0
 * SECTION: 14
 * ARGS: -q -t $TRACES/linux-x86_64-int+exec-cpu-dfilter.log.gz --symbols $TRACES/linux-x86_64-cut.vmlinux.gz
 */

fbt::do_sys_openat2:entry { trace(arg5 == arg5); printf("\n"); }
fbt::do_sys_openat2:entry { trace(arg6); }
ERROR { printf("fault\n"); exit(0); }
