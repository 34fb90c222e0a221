/*
 * ASSERTION: symbolic addresses stand in 50 columns, quiet or not; without symbols they are numbers
 * SECTION: 8.4
 */

#pragma D option quiet

BEGIN { sym(0x10); func(0x20); mod(0x30); usym(0x40); ufunc(0x50); umod(0x60); uaddr(0x70); exit(0); }
