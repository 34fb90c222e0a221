/*
 * ASSERTION: a pragma speaks of a name that the program defines
 * SECTION: 13.2
 */

#pragma D binding "1.2" nowhere
BEGIN { exit(0); }
