/*
 * ASSERTION: stackindent sets the blanks before a frame
 * SECTION: 10.2
 * ARGS: -x stackindent=2 -t $TRACES/tiny32-gp-np-df.log.gz --unsafe
 */

#pragma D option quiet

vec:::0x0d { stack(); }
