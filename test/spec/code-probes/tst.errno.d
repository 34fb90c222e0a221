/*
 * ASSERTION: errno is the error of the call that returns, and 0 otherwise
 * SECTION: 4.2
 * ARGS: -q -t $TRACES/linux-x86_64-int+exec-cpu-dfilter.log.gz --symbols $TRACES/linux-x86_64-cut.vmlinux.gz
 */

syscall:linux64::entry { @entries = sum(errno); }
syscall::openat:return { @[errno, (int)arg1 < 0] = count(); }
