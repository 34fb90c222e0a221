/*
 * ASSERTION: a function fires on entry with its arguments, on return with offset and value
 * SECTION: 14
 * ARGS: -q -t $TRACES/linux-x86_64-int+exec-cpu-dfilter.log.gz --symbols $TRACES/linux-x86_64-cut.vmlinux.gz
 */

fbt::do_sys_openat2:entry { printf("%s:%s %d\n", probemod, probefunc, (int)arg0); }
fbt::do_sys_openat2:return { printf("+0x%x %d\n", arg0, (int)arg1); exit(0); }
