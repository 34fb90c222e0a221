/*
 * ASSERTION: integer keys of the same value are sorted by their sign
 * SECTION: 7.5
 */

#pragma D option quiet

BEGIN { @[1] = count(); @[-1] = count(); @[0] = count(); @[-70000] = count(); exit(0); }
