/*
 * ASSERTION: a clause that commits does not speculate
 * SECTION: 6.2
 */

BEGIN { commit(1); speculate(2); exit(0); }
