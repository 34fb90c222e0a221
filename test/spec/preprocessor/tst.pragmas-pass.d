/*
 * ASSERTION: #pragma lines are for D and pass as they are
 * SECTION: 1.11
 * ARGS: -C
 */

#define quiet noisy
#pragma D option quiet
#pragma of another compiler
BEGIN { printf("quiet\n"); exit(0); }
