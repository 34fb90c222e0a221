/*
 * ASSERTION: a pragma about a name that never appears is an error
 * SECTION: 11
 */

#pragma D attributes Stable/Stable/Common nosuch
BEGIN { exit(0); }
