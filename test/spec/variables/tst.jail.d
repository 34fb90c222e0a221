/*
 * ASSERTION: no source knows the jail of a process: asking for it faults
 * SECTION: 4
 */

#pragma D option quiet
BEGIN { trace(jid); }
BEGIN { trace(jailname); }
BEGIN { exit(0); }
