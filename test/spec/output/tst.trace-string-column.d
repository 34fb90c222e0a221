/*
 * ASSERTION: a traced string stands after two blanks in 33 columns; a longer one takes its room
 * SECTION: 8.4
 */

BEGIN { trace("ab"); trace(""); trace("0123456789012345678901234567890123456789"); trace(1); exit(0); }
