/*
 * ASSERTION: an action without parentheses shows how it is called
 * SECTION: 2.4
 */

BEGIN { printf "hello"; }
