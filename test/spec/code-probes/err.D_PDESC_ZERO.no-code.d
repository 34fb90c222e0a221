/*
 * ASSERTION: without the code there are no return probes, and it is said what has it
 * SECTION: 14
 * ARGS: -t $TRACES/linux-x86_64-int+exec-cpu-dfilter.log.gz --symbols $TRACES/linux-x86_64-cut.kallsyms.gz
 */

fbt::vfs_read:return { }
