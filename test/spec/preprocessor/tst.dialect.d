/*
 * ASSERTION: -Xc defines __STDC__ as 1, -Xs not at all
 * SECTION: 1.11
 * ARGS: -Cq -Xc
 */

BEGIN { printf("%d\n", __STDC__); exit(0); }
