/*
 * ASSERTION: discarded records vanish and the slot is free again
 * SECTION: 6.3
 */

#pragma D option quiet


BEGIN { self->a = speculation(); }
BEGIN { speculate(self->a); printf("never\n"); }
BEGIN { discard(self->a); }
BEGIN { commit(self->a); }
BEGIN { self->b = speculation(); printf("%d %d\n", self->a, self->b); exit(0); }
