/*
 * ASSERTION: symbolic keys stand in 50 columns
 * SECTION: 7.5
 */

#pragma D option quiet

BEGIN { @[sym(0x10)] = count(); @m[mod(0x10), 7] = count(); @u[usym(0x20)] = count(); exit(0); }
