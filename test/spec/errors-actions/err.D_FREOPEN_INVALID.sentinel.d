/*
 * ASSERTION: the mark of a restored output is no file
 * SECTION: 6.1
 */

BEGIN { freopen("."); exit(0); }
