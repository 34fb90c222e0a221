/*
 * ASSERTION: %k prints a stack given to printf() from the start of a line, each frame on its own; what follows goes on below
 * SECTION: 8.2, 8.7
 * ARGS: -t $TRACES/tiny32-gp-np-df.log.gz --unsafe
 */

#pragma D option quiet

vec:::0x0d { printf("%k", stack()); printf("a%kb %x\n", stack(1), vector); }
vec:::0x0d { printf("%-4k %d|%-*k.\n", stack(2), 7, 2, stack(3)); exit(0); }
