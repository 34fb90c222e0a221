/*
 * ASSERTION: exit() in END overrides the status, the last one of END counts
 * SECTION: 6.4
 */

#pragma D option quiet


BEGIN { exit(2); }
END { exit(3); }
END { exit(4); printf("end\n"); }
