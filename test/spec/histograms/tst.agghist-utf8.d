/*
 * ASSERTION: agghist with blocks
 * SECTION: 7.5
 * ARGS: -x agghist -x encoding=utf8
 */

#pragma D option quiet

BEGIN { @["a"] = sum(1); @["b"] = sum(2); exit(0); }
