/*
 * ASSERTION: aggregations printed together have the same keys
 * SECTION: 7.6
 */

BEGIN { @a[1] = count(); @b["b"] = count(); printa(@a, @b); exit(0); }
