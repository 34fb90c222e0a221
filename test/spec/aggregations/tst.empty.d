/*
 * ASSERTION: an aggregation that never got a value prints nothing
 * SECTION: 7.6
 */

#pragma D option quiet

BEGIN /0/ { @never = count(); }
BEGIN { printa("%@d\n", @never); exit(0); }
