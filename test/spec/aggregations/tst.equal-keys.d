/*
 * ASSERTION: keys of different widths and the same value are one key
 * SECTION: 7.1
 */

#pragma D option quiet

BEGIN { @[(int64_t)5] = count(); @[(char)5] = count(); @[5] = count(); exit(0); }
