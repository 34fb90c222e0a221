/*
 * ASSERTION: exit records data, so it cannot follow commit
 * SECTION: 6.2
 */

BEGIN { commit(1); exit(0); }
