/*
 * ASSERTION: a provider that does not exist
 * SECTION: 2.6
 */

nosuch:::entry { exit(0); }
