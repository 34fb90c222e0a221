/*
 * ASSERTION: commit ends a speculation: what follows is not recorded, and its id is free again
 * SECTION: 6.3
 */

#pragma D option quiet


BEGIN { first = speculation(); }
BEGIN { speculate(first); printf("kept\n"); }
BEGIN { commit(first); }
BEGIN { speculate(first); printf("lost\n"); }
BEGIN { commit(first); }
BEGIN { second = speculation(); printf("%d %d\n", first, second); exit(0); }
