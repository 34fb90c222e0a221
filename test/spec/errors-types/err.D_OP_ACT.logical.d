/*
 * ASSERTION: actions are no conditions
 * SECTION: 6
 */

BEGIN { cpu == 0 && trace(1); exit(0); }
