/*
 * ASSERTION: outside quiet mode printa has a row of its own
 * SECTION: 7.6
 */

BEGIN { @[1] = count(); }
BEGIN { printa("%d %@d\n", @); exit(0); }
