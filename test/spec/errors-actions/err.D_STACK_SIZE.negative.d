/*
 * ASSERTION: a stack has a positive number of frames
 * SECTION: 6.1
 */

BEGIN { stack(-1); exit(0); }
