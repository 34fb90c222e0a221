/*
 * ASSERTION: members of a union show the same bytes
 * SECTION: 8.6
 */

#pragma D option quiet

union u { int i; char c; };
union u v;
BEGIN { v.i = 0x41; print(v); printf("\n"); exit(0); }
