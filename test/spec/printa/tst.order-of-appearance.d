/*
 * ASSERTION: aggregations print in the order they first appear in the program
 * SECTION: 7.5
 */

#pragma D option quiet

BEGIN { @z = sum(3); @a = sum(1); @[1] = sum(2); exit(0); }
