/*
 * ASSERTION: encoding=utf8 draws blocks, the last in eighths of a column
 * SECTION: 7.4
 * ARGS: -x encoding=utf8
 */

#pragma D option quiet

BEGIN { @ = quantize(1, 5); @ = quantize(2, 10); @ = quantize(4, 1); exit(0); }
