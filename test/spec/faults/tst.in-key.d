/*
 * ASSERTION: a fault in a key leaves the aggregation alone
 * SECTION: 9.5
 */

#pragma D option quiet


int zero;
BEGIN { @[1] = count(); }
BEGIN { @[1 / zero] = count(); }
BEGIN { exit(0); }
