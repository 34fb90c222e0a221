/*
 * ASSERTION: discard takes an id
 * SECTION: 6.1
 */

BEGIN { discard(); exit(0); }
