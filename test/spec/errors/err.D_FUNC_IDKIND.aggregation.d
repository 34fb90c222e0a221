/*
 * ASSERTION: what is no function is told before what may be assigned to an aggregation
 * SECTION: 11
 */

BEGIN { @a = pid(1); }
