/*
 * ASSERTION: values print by any integer conversion and flag
 * SECTION: 7.6
 */

#pragma D option quiet

BEGIN { @ = sum(-255); printa("%@d|%@i|%@u|%@x|%@X|%@o|%@8d|%-8@d|%@+d|%#@x|%@'d\n", @); exit(0); }
