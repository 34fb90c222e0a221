/*
 * ASSERTION: aggregations that are printed together have the same keys
 * SECTION: 7.6
 */

BEGIN { @a[1] = count(); @b[1, 2] = count(); printa(@a, @b); exit(0); }
