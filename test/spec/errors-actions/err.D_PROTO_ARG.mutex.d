/*
 * ASSERTION: lock subroutines take their lock
 * SECTION: 5
 */

BEGIN { trace(mutex_owned(5)); exit(0); }
