/*
 * ASSERTION: a forward tag has no size
 * SECTION: 3.4
 */

struct later;
BEGIN { trace(sizeof (struct later)); exit(0); }
