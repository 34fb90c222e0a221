/*
 * ASSERTION: stack's number of frames is a positive constant
 * SECTION: 6.1
 */

BEGIN { stack(0); exit(0); }
