/*
 * ASSERTION: an aggregation keeps the types of its keys
 * SECTION: 7.1
 */

BEGIN { @a[1] = count(); @a["a"] = count(); exit(0); }
