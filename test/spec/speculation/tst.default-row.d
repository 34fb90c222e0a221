/*
 * ASSERTION: a clause that only speculates records its bare row
 * SECTION: 6.2
 */

BEGIN { self->a = speculation(); }
BEGIN { speculate(self->a); }
BEGIN { commit(self->a); }
BEGIN { exit(0); }
