/*
 * ASSERTION: an option pragma takes one word
 * SECTION: 1.8
 */

#pragma D option quiet now
BEGIN { exit(0); }
