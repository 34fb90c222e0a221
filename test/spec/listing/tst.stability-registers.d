/*
 * ASSERTION: registers and arguments lower the stability of statements
 * SECTION: 10.3
 * ARGS: -v -t $TRACES/tiny32-gp-np-df.log.gz --unsafe
 */

vec:::0x0d { printf("%x %d\n", rip, arg0); exit(0); }
