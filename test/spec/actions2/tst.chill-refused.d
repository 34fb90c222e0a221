/*
 * ASSERTION: chill is destructive: without -w nothing is enabled
 * SECTION: 6.2
 */

BEGIN { chill(100); exit(0); }
