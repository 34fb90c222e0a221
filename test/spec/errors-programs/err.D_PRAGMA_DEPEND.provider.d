/*
 * ASSERTION: a program can ask for a provider
 * SECTION: 13.4
 */

#pragma D depends_on provider nosuch
BEGIN { exit(0); }
