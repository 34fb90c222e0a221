/*
 * ASSERTION: an option that does not exist is reported and tracing goes on
 * SECTION: 10.1
 */

#pragma D option quiet

BEGIN { setopt("nosuch"); setopt("nosuch", "7"); printf("on\n"); exit(0); }
