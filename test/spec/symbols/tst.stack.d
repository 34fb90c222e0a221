/*
 * ASSERTION: stack() in a replay is the interrupted instruction, by name
 * SECTION: 8.7
 * ARGS: -t $TRACES/linux-x86_64-boot-small.log.gz --symbols $TRACES/linux-x86_64-cut.kallsyms.gz
 */

#pragma D option quiet

vec:::0xec /cpl == 0 && seq > 3000/ { stack(); printf("%k|%a\n", stack(), rip); exit(0); }
