/*
 * ASSERTION: a clause that commits does not aggregate
 * SECTION: 6.2
 */

BEGIN { commit(1); @a = count(); exit(0); }
