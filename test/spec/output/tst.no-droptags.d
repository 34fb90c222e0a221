/*
 * ASSERTION: drops have no tag unless asked for
 * SECTION: 9.9
 */

#pragma D option quiet

BEGIN { self->spec = speculation(); self->other = speculation(); exit(0); }
