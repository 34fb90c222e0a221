/*
 * ASSERTION: a main program does not depend on libraries
 * SECTION: 13.4
 */

#pragma D depends_on library other.d
BEGIN { exit(0); }
