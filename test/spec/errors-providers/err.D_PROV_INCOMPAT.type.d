/*
 * ASSERTION: two definitions of a probe have the same arguments
 * SECTION: 13.3
 */

provider app { probe a(int); };
provider app { probe a(char *); };
BEGIN { exit(0); }
