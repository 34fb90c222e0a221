/*
 * ASSERTION: a vector's probe may be named in hex, in decimal, or by its mnemonic
 * SECTION: 2.6
 * ARGS: -t $TRACES/tiny32-int-storm.log.gz
 */

#pragma D option quiet

vec:::0x0e { a++; }
vec:::14 { b++; }
vec:::0xE { c++; }
vec::page_fault: { d++; }
vec:exception:page_fault:0x0e { e++; }
END { printf("%d %d %d %d %d\n", a, b, c, d, e); }
