/*
 * ASSERTION: an output argument is named like the input argument it is made of
 * SECTION: 13.3
 */

provider app { probe a(int number) : (int other); };
BEGIN { exit(0); }
