/*
 * ASSERTION: lock subroutines take one lock
 * SECTION: 5
 */

BEGIN { trace(rw_iswriter()); exit(0); }
