/*
 * ASSERTION: of arg0 and arg1 of a tick exactly one is not zero, without a trace too; its module and function are empty
 * SECTION: 9.2
 */

#pragma D option quiet

profile-50 { printf("%d [%s][%s]\n", (arg0 == 0) + (arg1 == 0), probemod, probefunc); exit(0); }
tick-1 { printf("too late\n"); exit(1); }
