/*
 * ASSERTION: ustack takes two arguments
 * SECTION: 6.1
 */

BEGIN { ustack(1, 2, 3); exit(0); }
