/*
 * ASSERTION: a file that cannot be opened is reported and output stays where it was
 * SECTION: 6.1
 * ARGS: -w
 */

#pragma D option quiet

BEGIN { freopen("/no/such/folder/%s", "f"); printf("here\n"); exit(0); }
