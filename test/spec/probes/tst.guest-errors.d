/*
 * ASSERTION: a guest's errors against its devices are firings of guest:::error
 * SECTION: 9.1
 * ARGS: --unsafe -t $TRACES/linux-x86_64-oom-triple.log.gz
 */

#pragma D option quiet

guest:::error { @n = count(); }
vec::: { printf("%s\n", probename); }
cpu:::triple_fault { printf("triple fault\n"); }
END { printa("%@d\n", @n); }
