/*
 * ASSERTION: exit() in ERROR ends tracing with its status
 * SECTION: 9.5
 */

#pragma D option quiet


int zero;
BEGIN { trace(1 / zero); }
BEGIN { printf("not reached\n"); }
ERROR { exit(7); }
END { printf("end\n"); }
