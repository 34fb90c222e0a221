/*
 * ASSERTION: discard may follow data-recording actions and precede them
 * SECTION: 6.2
 */

#pragma D option quiet


BEGIN { self->a = speculation(); }
BEGIN { printf("one "); discard(self->a); printf("two\n"); exit(0); }
