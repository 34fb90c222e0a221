/*
 * ASSERTION: denormalize takes one aggregation
 * SECTION: 6.1
 */

BEGIN { @a = count(); denormalize(@a, 2); exit(0); }
