/*
 * ASSERTION: two definitions of a provider have the same probes
 * SECTION: 13.3
 */

provider app { probe a(int); };
provider app { probe c(int); };
BEGIN { exit(0); }
