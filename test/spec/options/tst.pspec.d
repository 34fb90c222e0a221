/*
 * ASSERTION: with pspec a bare word at top level is a probe, even if it names a type
 * SECTION: 10.2
 */

#pragma D option quiet
#pragma D option pspec
BEGIN { printf("begin\n"); exit(0); }
