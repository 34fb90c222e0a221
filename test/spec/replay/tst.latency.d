/*
 * ASSERTION: a thread-local pairs an interrupt with the page fault that follows it
 * SECTION: 3.8
 * ARGS: -x clock=index --unsafe -t $TRACES/linux-x86_64-boot-small.log.gz
 */

#pragma D option quiet

vec:::0xec { self->since = timestamp; }
vec::page_fault: /self->since/ { @ns["gap"] = quantize(timestamp - self->since); self->since = 0; }
