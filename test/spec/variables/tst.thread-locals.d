/*
 * ASSERTION: self-> variables are one per thread, here per CPU, and begin as 0
 * SECTION: 3.8
 * ARGS: -t $TRACES/linux-x86_64-smp2-torn.log.gz --unsafe
 */

#pragma D option quiet

vec::: { self->n++; }
vec:::
/self->n == 5/
{
	printf("cpu %d, tid %d\n", cpu, tid);
}
