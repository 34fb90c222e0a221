/*
 * ASSERTION: an unknown probe id
 * SECTION: 2.6
 */

999999 { exit(0); }
