/*
 * ASSERTION: a probe is defined once
 * SECTION: 13.3
 */

provider app { probe a__b(int); probe a__b(int); };
BEGIN { exit(0); }
