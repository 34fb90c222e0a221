/*
 * ASSERTION: panic is destructive: without -w nothing is enabled
 * SECTION: 6.2
 */

BEGIN { panic(); exit(0); }
