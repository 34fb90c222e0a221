/*
 * ASSERTION: attributes need a name
 * SECTION: 13.1
 */

#pragma D attributes Stable/Stable/Common
BEGIN { exit(0); }
