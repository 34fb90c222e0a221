/*
 * ASSERTION: clear keeps the keys and sets their values to the identity
 * SECTION: 7.7
 */

#pragma D option quiet

BEGIN { @a["k"] = count(); @m["k"] = min(5); @a["k"] = count(); }
BEGIN { clear(@a); clear(@m); }
BEGIN { @a["k"] = count(); exit(0); }
