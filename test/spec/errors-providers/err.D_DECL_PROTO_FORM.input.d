/*
 * ASSERTION: input arguments have different names
 * SECTION: 13.3
 */

provider app { probe a(int number, int number); };
BEGIN { exit(0); }
