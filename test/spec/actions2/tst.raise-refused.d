/*
 * ASSERTION: raise is destructive: without -w nothing is enabled
 * SECTION: 6.2
 */

BEGIN { raise(9); exit(0); }
