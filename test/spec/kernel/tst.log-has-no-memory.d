/*
 * ASSERTION: in a log a kernel variable is a fault at its address, and nothing is known of processes
 * SECTION: 4
 * ARGS: -t $TRACES/linux-x86_64-boot.log.gz --symbols examples/symbols/linux-6.1.0-56-amd64.btf.gz --symbols test/spec/kernel/linux.kallsyms@+0x0
 */

#pragma D option quiet

vec:::0xec
/cpl == 0/
{
	printf("%d %d\n", pid, curthread == 0);
}

vec:::0xec
/cpl == 0/
{
	trace(`jiffies);
}

vec:::0xec
/cpl == 0/
{
	exit(0);
}
