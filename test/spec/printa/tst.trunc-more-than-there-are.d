/*
 * ASSERTION: trunc to more entries than there are keeps all; to 0 removes all
 * SECTION: 7.7
 */

#pragma D option quiet

BEGIN { @a[1] = count(); @a[2] = count(); @b[1] = count(); trunc(@a, 10); trunc(@b, 0); exit(0); }
