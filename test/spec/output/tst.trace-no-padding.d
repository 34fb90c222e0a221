/*
 * ASSERTION: trace prints values without padding in quiet mode
 * SECTION: 8.4
 */

#pragma D option quiet

BEGIN { trace((char)-1); trace(","); trace((short)-300); trace(","); trace((long)-1); trace(","); trace("s"); trace("|"); exit(0); }
