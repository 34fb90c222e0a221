/*
 * ASSERTION: -x tier=fast gives what the interpreter gives: values, faults with their places, aggregations
 * SECTION: 10.2
 * ARGS: -x tier=fast -t $TRACES/tiny32-gp-np-df.log.gz --unsafe -q
 */

vec::: { @n[vector] = count(); @v = quantize(vector - 10); self->last = vector; }
vec:::0x0d { printf("%d %d\n", self->last, -7 / 2 % 5); }
vec:::0x0d { trace(1 / (vector - 13)); }
vec:::0x0d { exit(0); }
