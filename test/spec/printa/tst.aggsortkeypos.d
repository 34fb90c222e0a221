/*
 * ASSERTION: aggsortkeypos begins with a later key and wraps
 * SECTION: 7.5
 * ARGS: -x aggsortkey -x aggsortkeypos=1
 */

#pragma D option quiet

BEGIN { @[1, "b"] = count(); @[2, "a"] = count(); @[3, "a"] = count(); @[1, "a"] = count(); exit(0); }
