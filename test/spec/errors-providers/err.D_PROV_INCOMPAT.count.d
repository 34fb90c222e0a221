/*
 * ASSERTION: two definitions of a probe have as many arguments
 * SECTION: 13.3
 */

provider app { probe a(int); };
provider app { probe a(int, int); };
BEGIN { exit(0); }
