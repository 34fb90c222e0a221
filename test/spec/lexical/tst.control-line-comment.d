/*
 * ASSERTION: control lines that are empty and lines that begin with #! are skipped
 * SECTION: 1.2
 */

#pragma D option quiet

#
#!/usr/bin/env anything goes here
BEGIN
{
	trace("ok");
	exit(0);
}
