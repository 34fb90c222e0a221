#!/usr/bin/env -S trapline -s
/*
 * What does a kernel function return, and what asked for it?
 *
 * Run:   trapline -s examples/open-results.d -t examples/traces/linux-x86_64-int+exec-cpu-dfilter.log.gz
 *                 --symbols examples/traces/linux-x86_64-cut.vmlinux.gz
 * Read:  results of do_sys_openat2(), file descriptors from 3 on and errors below 0 (-2: no such file), by the system
 *        call that was under way; then how many events of the log lie between its entry and its return. Put the name of
 *        another function into fbt::NAME: and the same question is asked of it, on a log with its addresses or a live guest.
 * Prints (excerpt):
 *        | CALL         RESULT   TIMES
 *        | openat           -2      74
 *
 * ARGS:  -t $TRACES/linux-x86_64-int+exec-cpu-dfilter.log.gz --symbols $TRACES/linux-x86_64-cut.vmlinux.gz
 */
#pragma D option quiet

syscall:linux64::entry
{
	call[cr3, fs_base] = probefunc;
}

fbt::do_sys_openat2:entry
{
	entered[rsp] = timestamp;
}

fbt::do_sys_openat2:return
/entered[rsp] != 0/
{
	@results[call[cr3, fs_base], (int)arg1] = count();
	@events["events until it returns"] = quantize((timestamp - entered[rsp]) / 1000);
	entered[rsp] = 0;
}

END
{
	printf("%-12s %6s %7s\n", "CALL", "RESULT", "TIMES");
	printa("%-12s %6d %@7d\n", @results);
	printa(@events);
}
