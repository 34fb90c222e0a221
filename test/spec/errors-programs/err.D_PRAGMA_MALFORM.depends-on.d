/*
 * ASSERTION: a dependency needs a name
 * SECTION: 13.4
 */

#pragma D depends_on provider
BEGIN { exit(0); }
