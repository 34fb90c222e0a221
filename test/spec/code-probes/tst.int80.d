/*
 * ASSERTION: INT 0x80 is a system call of linux32 in any interrupt log, by name, with its arguments
 * SECTION: 14
 * ARGS: -q -t $TRACES/linux-i386-boot.log.gz
 */

syscall:::entry { @[probemod, probefunc] = count(); }
syscall:linux32:write:entry /arg0 != ebx || arg1 != ecx || arg2 != edx/ { printf("not the arguments\n"); }
vec:soft:int:0x80 { @all = count(); }
