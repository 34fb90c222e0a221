/*
 * ASSERTION: rawbytes dumps strings, too
 * SECTION: 8.5
 * ARGS: -x rawbytes
 */

#pragma D option quiet

#pragma D option strsize=18
BEGIN { trace("Linux version"); exit(0); }
