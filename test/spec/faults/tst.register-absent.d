/*
 * ASSERTION: what the event does not carry is said by name
 * SECTION: 9.5
 */

#pragma D option quiet


BEGIN { trace(rip); }
BEGIN { trace(vector); }
BEGIN { exit(0); }
