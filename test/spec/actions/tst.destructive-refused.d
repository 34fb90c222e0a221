/*
 * ASSERTION: destructive actions need -w
 * SECTION: 6.2
 */

BEGIN { system("echo never"); exit(0); }
