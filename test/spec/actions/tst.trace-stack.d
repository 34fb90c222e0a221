/*
 * ASSERTION: trace() takes a stack, which prints as the action of its name
 * SECTION: 8.4
 * ARGS: -t $TRACES/tiny32-gp-np-df.log.gz --unsafe
 */

#pragma D option quiet

vec:::0x0d { trace(stack(5)); trace(ustack()); trace(jstack(1, 8)); printf("end\n"); exit(0); }
