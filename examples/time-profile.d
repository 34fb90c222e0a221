#!/usr/bin/env -S trapline -s
/*
 * Where does the guest's time go, on the clock of the trace?
 *
 * Run:   trapline -s examples/time-profile.d -t examples/traces/linux-x86_64-int+trace-timestamps.log.gz
 * Read:  199 times a second each CPU is looked at where the log saw it last. Unlike a count of events this weighs by
 *        time: code without events in it, such as an idle loop or firmware (pc f7b79 here), shows its true weight. arg0
 *        is a kernel pc, arg1 a user pc; one of them is 0.
 * Prints (excerpt):
 *        | CPU MODE            SAMPLES
 *        |   0 kernel             1575
 *        |   0 user                 37
 *        ...
 *        | MODE                    PC  SAMPLES
 *        | kernel               f7b79      929
 *        | kernel    ffffffff819f69d2       63
 *
 * ARGS:  -t $TRACES/linux-x86_64-int+trace-timestamps.log.gz
 */
#pragma D option quiet
#pragma D option aggsortrev

int64_t samples;

profile-199
{
	@mode[cpu, arg0 ? "kernel" : arg1 ? "user" : "not seen yet"] = count();
	samples++;
}

profile-199
/arg0 != 0 || arg1 != 0/
{
	@hot[arg0 ? "kernel" : "user", arg0 ? arg0 : arg1] = count();
}

END
{
	printf("%d samples in %d ms\n\n%3s %-14s %8s\n", samples, timestamp / 1000000, "CPU", "MODE", "SAMPLES");
	printa("%3d %-14s %@8d\n", @mode);
	trunc(@hot, 8);
	printf("\n%-7s %18s %8s\n", "MODE", "PC", "SAMPLES");
	printa("%-7s %18x %@8d\n", @hot);
}
