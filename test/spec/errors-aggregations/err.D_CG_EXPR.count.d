/*
 * ASSERTION: an aggregating function has no value
 * SECTION: 6
 */

BEGIN { trace(count()); exit(0); }
