/*
 * ASSERTION: printa without a format begins with a newline, in a row, too
 * SECTION: 7.6
 */

BEGIN { @[1] = count(); @[2] = count(); }
BEGIN { printa(@); exit(0); }
