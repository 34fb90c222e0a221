/*
 * ASSERTION: outside quiet mode each committed record has its row
 * SECTION: 6.3
 */

BEGIN { self->id = speculation(); }
BEGIN { speculate(self->id); trace(1); }
BEGIN { speculate(self->id); }
BEGIN { commit(self->id); }
BEGIN { exit(0); }
