/*
 * ASSERTION: with rawbytes strings are dumped as bytes
 * SECTION: 8.5
 * ARGS: -x rawbytes -x strsize=16
 */

#pragma D option quiet

BEGIN { trace("text"); exit(0); }
