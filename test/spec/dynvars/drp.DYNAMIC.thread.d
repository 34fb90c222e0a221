/*
 * ASSERTION: thread-locals share the room of associative arrays
 * SECTION: 9.7
 * ARGS: -x dynvarsize=64
 */

#pragma D option quiet


BEGIN { self->a = 1; self->b = 2; self->c = 3; self->d = 4; self->e = 5; }
BEGIN { printf("%d %d %d %d %d\n", self->a, self->b, self->c, self->d, self->e); exit(0); }
