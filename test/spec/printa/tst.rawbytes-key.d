/*
 * ASSERTION: rawbytes dumps string keys
 * SECTION: 8.5
 * ARGS: -x rawbytes
 */

#pragma D option quiet

#pragma D option strsize=8
BEGIN { @["key"] = count(); exit(0); }
