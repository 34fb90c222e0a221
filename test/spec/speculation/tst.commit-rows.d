/*
 * ASSERTION: each committed record has its row and an empty line after it
 * SECTION: 6.3
 */

BEGIN { this->id = speculation(); speculate(this->id); trace(1); trace("one"); }
BEGIN { speculate(1); printf("two"); }
BEGIN { trace("before"); }
BEGIN { commit(1); }
BEGIN { trace("after"); }
BEGIN { exit(0); }
