/*
 * ASSERTION: two descriptions without a comma say what separates them
 * SECTION: 2.1
 */

BEGIN END { exit(0); }
