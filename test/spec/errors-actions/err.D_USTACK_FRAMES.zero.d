/*
 * ASSERTION: a user stack has a positive number of frames
 * SECTION: 6.1
 */

BEGIN { ustack(0); exit(0); }
