/*
 * ASSERTION: symbols as keys of bars stand under the heading's key, like strings
 * SECTION: 7.5
 * ARGS: -q -x agghist -x aggpack --symbols $TRACES/linux-x86_64-cut.kallsyms.gz
 */

BEGIN
{
	@a[mod(0xffffffff819fa1b3), "x"] = count();
	@b[sym(0x1000), 1] = sum(3);
	@c[mod(0xffffffff819fa1b3)] = quantize(2);
	exit(0);
}
