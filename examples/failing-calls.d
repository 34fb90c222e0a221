#!/usr/bin/env -S trapline -s
/*
 * Which system calls do programs make most, and which of them fail with what error?
 *
 * Run:   trapline -s examples/failing-calls.d -t examples/traces/linux-x86_64-int+exec-cpu-dfilter.log.gz
 *                 --symbols examples/traces/linux-x86_64-cut.vmlinux.gz
 * Read:  calls by SYSCALL (linux64) and by INT 0x80 (linux32) with how often each was made, then the errors, as errno
 *        numbers (2 no such file, 10 no child, 11 try again, 29 not seekable). For a guest that trapline starts, say
 *        -c 'qemu-system-x86_64 -kernel vmlinuz -append "nokaslr ..." ...' and neither -t nor --symbols.
 * Prints (excerpt):
 *        | CALL                           TIMES
 *        | linux64 getppid                 2001
 *        | linux64 close                    505
 *        | linux32 getpid                   500
 *        ...
 *        | CALL                   ERRNO   TIMES
 *        | linux64 openat             2      74
 *
 * ARGS:  -t $TRACES/linux-x86_64-int+exec-cpu-dfilter.log.gz --symbols $TRACES/linux-x86_64-cut.vmlinux.gz
 */
#pragma D option quiet
#pragma D option aggsortrev

syscall:::entry
{
	@calls[probemod, probefunc] = count();
}

syscall:::return
/errno != 0/
{
	@failed[probemod, probefunc, errno] = count();
}

END
{
	trunc(@calls, 8);
	printf("%-28s %7s\n", "CALL", "TIMES");
	printa("%s %-20s %@7d\n", @calls);
	printf("\n%-22s %5s %7s\n", "CALL", "ERRNO", "TIMES");
	printa("%s %-14s %5d %@7d\n", @failed);
}
