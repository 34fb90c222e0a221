/*
 * ASSERTION: an aggregation is no operand of ?:
 * SECTION: 3.10
 */

BEGIN { @a = count(); trace(pid ? @a : 1); }
