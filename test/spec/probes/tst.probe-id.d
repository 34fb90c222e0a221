/*
 * ASSERTION: in a script a number is a probe id: 1 is BEGIN, 2 END
 * SECTION: 2.6
 */

#pragma D option quiet

1 { printf("%s\n", probename); exit(0); }
2 { printf("%s %d\n", probename, id); }
