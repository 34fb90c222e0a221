/*
 * ASSERTION: a bad value is reported and the old one stays
 * SECTION: 10.1
 */

#pragma D option quiet

BEGIN { setopt("stackindent", "many"); setopt("switchrate", "7parsecs"); printf("on\n"); exit(0); }
