/*
 * ASSERTION: stop is destructive: without -w nothing is enabled
 * SECTION: 6.2
 */

BEGIN { stop(); exit(0); }
