/*
 * ASSERTION: vmregs[] has no negative elements either
 * SECTION: 4
 */

BEGIN { trace(vmregs[-2]); exit(0); }
