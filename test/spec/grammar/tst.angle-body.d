/*
 * ASSERTION: a body may stand between < and >, with statements ended by ;
 * SECTION: 2.1
 * ARGS: -t $TRACES/tiny32-gp-np-df.log.gz --unsafe
 */

#pragma D option quiet

vec:::0x0d < @["gp"] = count(); >
vec:::0x08 /arg0 > 7 && errcode < 1/ < @["df"] = count(); n = vector >> 1 < 5; >
END { printa("%s %@d\n", @); trace(n); }
