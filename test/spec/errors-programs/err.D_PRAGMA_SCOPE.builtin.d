/*
 * ASSERTION: a program gives attributes to its own names only
 * SECTION: 13.1
 */

#pragma D attributes Stable/Stable/Common pid
BEGIN { exit(0); }
