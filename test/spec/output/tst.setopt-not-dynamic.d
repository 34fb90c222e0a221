/*
 * ASSERTION: an option that shapes buffers cannot change while tracing
 * SECTION: 10.1
 */

#pragma D option quiet

BEGIN { setopt("strsize", "100"); setopt("bufsize", "1m"); printf("on\n"); exit(0); }
