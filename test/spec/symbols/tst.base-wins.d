/*
 * ASSERTION: where a base is given the trace is not asked
 * SECTION: 8.7
 * ARGS: -t test/spec/symbols/linux-x86_64-kaslr.log.gz --symbols $TRACES/linux-x86_64-cut.kallsyms.gz@+0x0
 */

vec:interrupt:: /cpl == 0 && rip >= 0xffff800000000000/ { @[mod(rip)] = count(); }
END { trunc(@, 1); }
