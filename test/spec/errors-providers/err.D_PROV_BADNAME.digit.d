/*
 * ASSERTION: the name of a provider does not end with a digit
 * SECTION: 13.3
 */

provider app1 { probe a(int); };
BEGIN { exit(0); }
