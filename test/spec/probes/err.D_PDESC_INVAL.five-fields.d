/*
 * ASSERTION: a description has at most four fields
 * SECTION: 2.6
 */

a:b:c:d:e { exit(0); }
