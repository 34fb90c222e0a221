/*
 * ASSERTION: what is never committed vanishes at the end
 * SECTION: 6.3
 */

#pragma D option quiet


BEGIN { self->a = speculation(); }
BEGIN { speculate(self->a); printf("never\n"); }
BEGIN { exit(0); }
END { printf("end\n"); }
