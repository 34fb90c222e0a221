/*
 * ASSERTION: a string with a byte that does not print is dumped
 * SECTION: 8.5
 */

#pragma D option quiet

#pragma D option strsize=20
BEGIN { trace("a\001b"); exit(0); }
