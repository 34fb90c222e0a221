/*
 * ASSERTION: -x amin refuses a variable that a pragma calls private
 * SECTION: 13.1
 * ARGS: -x amin=Stable/Stable/Common
 */

#pragma D attributes Private/Private/Common x
BEGIN { x = 1; trace(x); exit(0); }
