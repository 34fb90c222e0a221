/*
 * ASSERTION: NULL given to a string subroutine is an invalid address
 * SECTION: 5.2
 */

#pragma D option quiet


BEGIN { trace(strlen(strchr("abc", 'z'))); }
BEGIN { trace(strjoin("a", NULL)); }
BEGIN { trace(substr(strstr("abc", "x"), 0)); }
BEGIN { exit(0); }
