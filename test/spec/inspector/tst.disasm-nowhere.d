/*
 * ASSERTION: a log has no code: disasm() says so.
 *
 * SECTION: Inspector/disasm
 *
 * ARGS: -t $TRACES/linux-x86_64-boot.log.gz --unsafe -q
 */
vec:::0x0e
/cpl == 3/
{
	disasm(0xffffffff81000000, 2);
	exit(0);
}
