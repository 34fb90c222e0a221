/*
 * ASSERTION: an aggregation before the fault stays, one after it does not happen
 * SECTION: 9.5
 */

#pragma D option quiet


int zero;
BEGIN { @before = count(); @none = sum(1 / zero); @after = count(); }
BEGIN { exit(0); }
END { printa("%@d before\n", @before); printa("%@d after\n", @after); }
