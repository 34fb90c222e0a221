/*
 * ASSERTION: %* takes its width from an argument
 * SECTION: 8.3
 */

BEGIN { printf("%*d"); exit(0); }
