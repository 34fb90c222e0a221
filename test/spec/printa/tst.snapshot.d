/*
 * ASSERTION: printa shows the values up to its firing, those of its own clause among them
 * SECTION: 6.5
 */

#pragma D option quiet

BEGIN { @ = count(); }
BEGIN { printa("%@d\n", @); }
BEGIN { @ = count(); @ = count(); printa("%@d\n", @); @ = count(); }
BEGIN { printa("%@d\n", @); exit(0); }
