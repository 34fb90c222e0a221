/*
 * ASSERTION: a kernel variable and its members cannot be assigned
 * SECTION: 3.4
 * ARGS: --symbols examples/symbols/linux-6.1.0-56-amd64.btf.gz --symbols test/spec/kernel/linux.kallsyms
 */

BEGIN { `init_task.pid = 1; }
