/*
 * ASSERTION: keys print by conversions of their type
 * SECTION: 7.6
 */

#pragma D option quiet

BEGIN { @[255, "str", (char)65, 0x1000] = count(); printa("%x %5s| %c %p %@d\n", @); printa("%#o %S\n", @); exit(0); }
