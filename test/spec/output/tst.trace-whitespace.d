/*
 * ASSERTION: white space, bell and backspace are text
 * SECTION: 8.5
 */

#pragma D option quiet

BEGIN { trace("a\tb\nc\a\b"); exit(0); }
