/*
 * ASSERTION: a macro argument may complete a field of a probe description
 * SECTION: 1.10
 * ARGS: -t $TRACES/tiny32-gp-np-df.log.gz --unsafe
 * OPERANDS: 0d page
 */

#pragma D option quiet

vec:::0x$1
{
	printf("%s\n", probename);
}
BEGIN
{
	trace($$2);
}
