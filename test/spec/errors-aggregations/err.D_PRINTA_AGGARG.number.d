/*
 * ASSERTION: printa takes aggregations only
 * SECTION: 7.6
 */

BEGIN { @a = count(); printa("%@d", @a, 1); exit(0); }
