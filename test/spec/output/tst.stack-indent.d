/*
 * ASSERTION: frames are indented by stackindent, in %k by its negative width
 * SECTION: 8.7
 * ARGS: -x stackindent=2 -t $TRACES/tiny32-gp-np-df.log.gz --unsafe
 */

#pragma D option quiet

vec:::0x0d { stack(3); ustack(2); @[stack(1)] = count(); }
vec:::0x0d { printa("%k|%@d\n", @); printa("%-4k|%@d\n", @); exit(0); }
