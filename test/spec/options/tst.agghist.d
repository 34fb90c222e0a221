/*
 * ASSERTION: agghist draws the values of an aggregation as bars
 * SECTION: 7.5
 * ARGS: -x agghist
 */

#pragma D option quiet

BEGIN { @["one"] = sum(1); @["three"] = sum(3); exit(0); }
