/*
 * ASSERTION: droptags names the kind of a drop
 * SECTION: 9.9
 * ARGS: -x droptags
 */

#pragma D option quiet

BEGIN { self->spec = speculation(); self->other = speculation(); printf("%d %d\n", self->spec, self->other); exit(0); }
