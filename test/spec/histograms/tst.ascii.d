/*
 * ASSERTION: encoding=ascii is the default
 * SECTION: 7.4
 * ARGS: -x encoding=ascii
 */

#pragma D option quiet

BEGIN { @ = lquantize(1, 0, 3); exit(0); }
