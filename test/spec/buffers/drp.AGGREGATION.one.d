/*
 * ASSERTION: a new key without room is dropped; keys that exist go on
 * SECTION: 9.7
 */

#pragma D option quiet
#pragma D option aggsize=64

BEGIN { @["one"] = count(); @["one"] = count(); @["another key, which is rather longer than the first"] = count(); }
BEGIN { @["one"] = count(); }
BEGIN { exit(0); }
