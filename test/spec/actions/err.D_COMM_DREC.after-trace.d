/*
 * ASSERTION: commit must come before anything that records
 * SECTION: 6.2
 */

BEGIN { trace(1); commit(1); }
