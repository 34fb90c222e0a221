/*
 * ASSERTION: integer keys and values sort as signed numbers
 * SECTION: 7.5
 */

#pragma D option quiet

BEGIN { @v[1] = sum(-5); @v[2] = sum(5); @v[3] = sum(-50); @k[-1] = count(); @k[1] = count(); @k[0] = count(); exit(0); }
