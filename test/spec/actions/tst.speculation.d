/*
 * ASSERTION: speculative records appear when committed and not when discarded
 * SECTION: 6.3
 */

#pragma D option quiet

BEGIN { self->id = speculation(); other = speculation(); printf("%d %d\n", self->id, other); }
BEGIN { speculate(self->id); printf("kept 1\n"); }
BEGIN { speculate(self->id); printf("kept 2\n"); }
BEGIN { printf("before\n"); }
BEGIN { commit(self->id); }
BEGIN { self->id = speculation(); }
BEGIN { speculate(self->id); printf("thrown away\n"); }
BEGIN { discard(self->id); printf("%d\n", self->id); exit(0); }
