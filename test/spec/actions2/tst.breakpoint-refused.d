/*
 * ASSERTION: breakpoint is destructive: without -w nothing is enabled
 * SECTION: 6.2
 */

BEGIN { breakpoint(); exit(0); }
