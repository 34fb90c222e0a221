/*
 * ASSERTION: the average of 0 and -900 is -450, and of 1 and 2 is 1
 * SECTION: 7.1
 */

#pragma D option quiet

BEGIN { @["a"] = avg(0); @["b"] = avg(1); }
BEGIN { @["a"] = avg(-900); @["b"] = avg(2); exit(0); }
