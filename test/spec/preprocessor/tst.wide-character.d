/*
 * ASSERTION: a wide character constant in #if is the character
 * SECTION: 1.11
 * ARGS: -C
 */

#pragma D option quiet
#if L'a' == 97 && u'b' - 1 > 0
BEGIN { printf("wide\n"); exit(0); }
#endif
