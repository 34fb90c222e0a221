/*
 * ASSERTION: a probe in the wrong case is told the right one
 * SECTION: 2.6
 */

begin { exit(0); }
