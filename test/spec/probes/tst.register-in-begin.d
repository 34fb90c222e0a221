/*
 * ASSERTION: BEGIN has no event and so no registers
 * SECTION: 4
 */

#pragma D option quiet

BEGIN { trace(rip); }
BEGIN { exit(0); }
