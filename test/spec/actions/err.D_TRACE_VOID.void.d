/*
 * ASSERTION: trace wants a value
 * SECTION: 6.1
 */

BEGIN { trace((void)1); exit(0); }
