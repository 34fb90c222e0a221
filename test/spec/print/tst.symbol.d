/*
 * ASSERTION: print of a symbolic address
 * SECTION: 8.6
 */

#pragma D option quiet

BEGIN { print(sym(0x10)); printf("\n"); exit(0); }
