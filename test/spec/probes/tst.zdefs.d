/*
 * ASSERTION: with zdefs a description may match nothing
 * SECTION: 2.6
 */

#pragma D option zdefs
nosuch:::probe { printf("never\n"); }
BEGIN { exit(0); }
