/*
 * ASSERTION: the scratch of a clause ends at scratchsize
 * SECTION: 10.2
 * ARGS: -x scratchsize=64
 */

#pragma D option quiet


BEGIN { p = alloca(64); printf("whole\n"); }
BEGIN { n = 65; p = alloca(n); printf("never\n"); }
BEGIN { p = alloca(32); p = alloca(32); printf("halves\n"); }
BEGIN { n = 33; p = alloca(32); p = alloca(n); printf("never\n"); }
BEGIN { exit(0); }
