/*
 * ASSERTION: a binding needs a name
 * SECTION: 13.2
 */

#pragma D binding "1.2"
BEGIN { exit(0); }
