/*
 * ASSERTION: printa() of an aggregation without entries does not keep its later entries from being printed at the end
 * SECTION: 7.6
 */

#pragma D option quiet

BEGIN { @a[1] = count(); trunc(@a); printa("%d %@d\n", @a); exit(0); }
END { @a[2] = count(); }
