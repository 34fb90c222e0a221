/*
 * ASSERTION: an #if must be closed in its file
 * SECTION: 1.11
 * ARGS: -Cq
 */

#ifdef A
BEGIN { exit(0); }
