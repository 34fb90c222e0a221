/*
 * ASSERTION: a forward tag has no members
 * SECTION: 3.4
 */

struct later;
BEGIN { p = (struct later *)0; trace(p->x); exit(0); }
