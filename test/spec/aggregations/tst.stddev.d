/*
 * ASSERTION: stddev is the integer standard deviation
 * SECTION: 7.1
 */

#pragma D option quiet

BEGIN { @ = stddev(2); @ = stddev(4); @ = stddev(4); @ = stddev(4); }
BEGIN { @ = stddev(5); @ = stddev(5); @ = stddev(7); @ = stddev(9); }
BEGIN { @big["2^62"] = stddev((int64_t)1 << 62); @big["2^62"] = stddev(-((int64_t)1 << 62)); exit(0); }
