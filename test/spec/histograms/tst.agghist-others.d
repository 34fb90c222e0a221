/*
 * ASSERTION: agghist leaves minima, deviations and histograms as they are
 * SECTION: 7.5
 * ARGS: -x agghist
 */

#pragma D option quiet

BEGIN { @m[1] = min(4); @s[1] = stddev(1); @q[1] = quantize(1); exit(0); }
