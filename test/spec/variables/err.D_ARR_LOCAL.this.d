/*
 * ASSERTION: a clause-local cannot be an associative array
 * SECTION: 2.3
 */

BEGIN { this->a["x"] = 1; exit(0); }
