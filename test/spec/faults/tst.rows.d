/*
 * ASSERTION: outside quiet mode ERROR has rows, the faulting clause none
 * SECTION: 9.5
 */

int zero;
BEGIN { trace(1 / zero); }
ERROR { trace(arg4); }
BEGIN { exit(0); }
