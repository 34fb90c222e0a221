/*
 * ASSERTION: a misspelt option is told the nearest one
 * SECTION: 1.8
 */

#pragma D option quite

BEGIN { exit(0); }
