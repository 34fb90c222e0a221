/*
 * ASSERTION: a clause with several descriptions is one enabling per probe
 * SECTION: 2.1
 * ARGS: -t $TRACES/tiny32-gp-np-df.log.gz --unsafe
 */

BEGIN, vec:::0x0d, vec:::0x08, END
{
	@[probename] = count();
}
