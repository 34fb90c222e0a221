/*
 * ASSERTION: a kernel that lies elsewhere than its symbols say is found by what its events interrupted, and it is said
 * SECTION: 8.7
 * ARGS: -t $TRACES/linux-x86_64-boot-small.log.gz --symbols test/spec/symbols/moved.kallsyms.gz
 */

vec::page_fault: /cpl == 0/ { @[func(rip)] = count(); }
END { trunc(@, 2); }
