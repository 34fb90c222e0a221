/*
 * ASSERTION: the pragma does the same
 * SECTION: 1.9
 * ARGS: -q
 */

#pragma D option defaultargs
BEGIN { printf("%d %s\n", $1 ? $1 : 42, $$1 == "" ? "none" : $$1); exit(0); }
