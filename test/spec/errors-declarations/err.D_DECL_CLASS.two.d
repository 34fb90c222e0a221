/*
 * ASSERTION: one storage class at most
 * SECTION: 2.3
 */

self this int x;
BEGIN { exit(0); }
