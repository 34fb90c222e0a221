/*
 * ASSERTION: attributes are three known words
 * SECTION: 13.1
 */

int x;
#pragma D attributes Good/Stable/Common x
BEGIN { exit(0); }
