/*
 * ASSERTION: an unknown function is told before what may be assigned to an aggregation
 * SECTION: 11
 */

BEGIN { @a = quantise(1); }
