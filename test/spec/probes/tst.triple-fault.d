/*
 * ASSERTION: the cascade that ends in a triple fault is seen in its order
 * SECTION: 9.1
 * ARGS: --unsafe -t $TRACES/tiny32-triple-fault.log.gz
 */

#pragma D option quiet

vec::: { printf("%s ", probefunc); }
cpu:::triple_fault { printf("triple fault\n"); }
