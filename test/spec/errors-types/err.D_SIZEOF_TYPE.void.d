/*
 * ASSERTION: void has no size
 * SECTION: 3.4
 */

BEGIN { trace(sizeof (void)); exit(0); }
