/*
 * ASSERTION: utf8 and aggzoom together; negative counts keep their signs of ascii
 * SECTION: 7.4
 * ARGS: -x encoding=utf8 -x aggzoom
 */

#pragma D option quiet

BEGIN { @a = quantize(1, 5); @a = quantize(2, 10); @b = quantize(1, -5); exit(0); }
