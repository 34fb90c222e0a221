/*
 * ASSERTION: a blank within a description is named
 * SECTION: 2.6
 */

dtrace :: BEGIN { exit(0); }
