/*
 * ASSERTION: actions are no arms of ?:
 * SECTION: 6
 */

BEGIN { cpu == 0 ? trace(1) : trace(2); exit(0); }
