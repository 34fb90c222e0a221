/*
 * ASSERTION: %lc and %ls print characters of four bytes
 * SECTION: 8.2
 */

#pragma D option quiet

int w[4];
BEGIN { w[0] = 'z'; w[1] = 'w'; printf("%lc%wc [%ls][%ws]\n", 'a', 98, w, w); exit(0); }
