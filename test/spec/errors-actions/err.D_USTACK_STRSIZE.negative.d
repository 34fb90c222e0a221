/*
 * ASSERTION: room for strings is not negative
 * SECTION: 6.1
 */

BEGIN { ustack(5, -1); exit(0); }
