/*
 * ASSERTION: probename and id in ERROR are those of ERROR
 * SECTION: 9.5
 */

#pragma D option quiet


int zero;
BEGIN { trace(1 / zero); }
ERROR { printf("%d %s %d\n", id, probename, epid); }
BEGIN { exit(0); }
