/*
 * ASSERTION: strings hold strsize characters and are cut beyond
 * SECTION: 5
 * ARGS: -x strsize=5
 */

#pragma D option quiet


BEGIN { s = "abcdefg"; printf("%s %d\n", s, strlen(s)); }
BEGIN { printf("[%s] [%s]\n", strjoin("abc", "de"), strjoin("abc", "def")); }
BEGIN { printf("[%s] [%s]\n", toupper("abcde"), substr("abcdefgh", 1)); }
BEGIN { trace(sizeof (s)); exit(0); }
