/*
 * ASSERTION: an enum that is only named has no objects
 * SECTION: 11
 */

enum later when;
BEGIN { exit(0); }
