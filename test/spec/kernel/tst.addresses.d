/*
 * ASSERTION: the address of a kernel symbol needs no memory; a function is its address
 * SECTION: 3.4
 * ARGS: --symbols examples/symbols/linux-6.1.0-56-amd64.btf.gz --symbols test/spec/kernel/linux.kallsyms
 */

#pragma D option quiet

BEGIN
{
	printf("%p %p %p\n", &`jiffies, &vmlinux`init_task.comm, &`slab_mutex);
	printf("%p %d\n", `schedule, &`schedule == `schedule);
	printf("%d %d %d\n", sizeof (`jiffies), sizeof (`slab_mutex), sizeof (`panic_on_oops));
	exit(0);
}
