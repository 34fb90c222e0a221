/*
 * ASSERTION: in quiet mode a commit adds nothing of its own
 * SECTION: 6.3
 */

#pragma D option quiet


BEGIN { self->id = speculation(); }
BEGIN { speculate(self->id); printf("one\n"); }
BEGIN { speculate(self->id); printf("two\n"); }
BEGIN { commit(self->id); }
BEGIN { exit(0); }
