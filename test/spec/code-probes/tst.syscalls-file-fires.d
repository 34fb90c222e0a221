/*
 * ASSERTION: calls by another INT are system calls when a file says so, numbers without a name are sys_NNN
 * SECTION: 14
 * ARGS: -q --unsafe -x syscalls=test/spec/code-probes/tiny-syscalls.json -t $TRACES/tiny32-int-storm.log.gz
 */

syscall:tiny::entry { @[probemod, probefunc, (arg0 & 0xffffffff) == ecx] = count(); }
vec:soft::0x30 { @deliveries = count(); }
