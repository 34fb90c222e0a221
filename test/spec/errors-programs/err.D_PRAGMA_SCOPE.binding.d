/*
 * ASSERTION: a program gives versions to its own names only
 * SECTION: 13.2
 */

#pragma D binding "1.2" strlen
BEGIN { exit(0); }
