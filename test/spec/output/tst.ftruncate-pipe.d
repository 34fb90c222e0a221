/*
 * ASSERTION: ftruncate does nothing to output that is no regular file
 * SECTION: 6.1
 */

#pragma D option quiet

BEGIN { printf("kept\n"); ftruncate(); exit(0); }
