/*
 * ASSERTION: what inspects sx locks faults where the kernel is not known
 * SECTION: 5
 */

#pragma D option quiet
BEGIN { trace(sx_shared_held((struct sx *)8)); }
BEGIN { trace(sx_exclusive_held((struct sx *)8)); }
BEGIN { trace(sx_isexclusive((struct sx *)8)); }
BEGIN { exit(0); }
