/*
 * ASSERTION: a key that is no text is dumped
 * SECTION: 7.5
 */

#pragma D option quiet

#pragma D option strsize=20
BEGIN { @["a\001"] = count(); exit(0); }
