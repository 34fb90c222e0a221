#!/usr/bin/env -S trapline -s
/*
 * When does the guest touch devices or memory that are not there, and which code was running?
 *
 * Run:   trapline -s examples/guest-errors.d -t examples/traces/ovmf-x86_64-boot.log.gz
 * Read:  guest errors by the page of code that the next interrupt struck, most first: errors, bursts of them, and the
 *        line of the log where the first burst begins, where their text is to be read. A driver that polls a missing
 *        device shows as one page with nearly all errors. The last line counts errors that no interrupt followed.
 * Prints (excerpt):
 *        |             PAGE   ERRORS   BURSTS  FROM LINE
 *        |          f08c000    50010        1         57
 *
 * ARGS:  -t $TRACES/ovmf-x86_64-boot.log.gz
 */
#pragma D option quiet
#pragma D option aggsortrev

int64_t errors, begin;	/* of the burst that goes on */

guest:::error
/errors == 0/
{
	begin = line;
}

guest:::error
{
	errors++;
}

vec:::
/errors > 0/
{
	@errors[pc & ~4095] = sum(errors);
	@bursts[pc & ~4095] = count();
	@begin[pc & ~4095] = min(begin);
	errors = 0;
}

END
{
	printf("%16s %8s %8s %10s\n", "PAGE", "ERRORS", "BURSTS", "FROM LINE");
	printa("%16x %@8d %@8d %@10d\n", @errors, @bursts, @begin);
	printf("%16s %8d\n", "(none after)", errors);
}
