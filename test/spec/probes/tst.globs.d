/*
 * ASSERTION: *, ?, sets and negated sets match in probe descriptions
 * SECTION: 2.6
 * ARGS: -t $TRACES/tiny32-int-storm.log.gz
 */

#pragma D option quiet

vec:::0x3? { @["0x3?"] = count(); }
vec:::0x[03]? { @["0x[03]?"] = count(); }
vec:soft::0x[!3]* { @["soft not 3"] = count(); }
vec::*_error: { @["*_error"] = count(); }
v*:int*::* { @["interrupt"] = count(); }
