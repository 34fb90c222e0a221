/*
 * ASSERTION: a member whose type is not known says so
 * SECTION: 2.3
 */

struct row { nosuch_t member; };
