/*
 * ASSERTION: nothing can be recorded after commit
 * SECTION: 6.2
 */

BEGIN { commit(1); trace(1); }
