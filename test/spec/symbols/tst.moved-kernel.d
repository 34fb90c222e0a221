/*
 * ASSERTION: a kernel that KASLR moved is found by what its events interrupted, and it is said
 * SECTION: 8.7
 * ARGS: -t test/spec/symbols/linux-x86_64-kaslr.log.gz --symbols $TRACES/linux-x86_64-cut.kallsyms.gz
 */

vec:interrupt:: /cpl == 0/ { @[func(rip)] = count(); }
END { trunc(@, 3); }
