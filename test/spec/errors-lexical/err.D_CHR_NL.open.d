/*
 * ASSERTION: a character constant ends on its line
 * SECTION: 1.6
 */

BEGIN { trace('a
'); exit(0); }
