/*
 * ASSERTION: setopt turns rawbytes on and off
 * SECTION: 8.5
 */

#pragma D option quiet

#pragma D option strsize=3
BEGIN { trace("ab"); setopt("rawbytes"); trace("cd"); setopt("rawbytes", "no"); trace("ef"); exit(0); }
