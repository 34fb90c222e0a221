/**
 * The program whose counts are the first half of a report, for logs of every architecture: interrupts by vector, levels
 * of privilege and the moves between them, and how all this changes along the log.
 *
 * It prints rows (rows.ts). Levels are CPL, exception level or RISC-V's mode, as the vec probes have them.
 */

/** Events per slice of the log: a few hundred slices in a long boot, which the text folds into a screen's width. */
export const SLICE_EVENTS = 64;

export const PRAGMAS = `#pragma D option quiet
#pragma D option unsafe
`;

export const STATISTICS = `/* Interrupts: by vector, by level, along the log. */
vec:::
{
	@vectors[probemod, probefunc, arg0] = count();
	@levels[cpu, arg4] = count();
	@slices[seq / ${SLICE_EVENTS}, probemod] = count();
	@times[seq / ${SLICE_EVENTS}] = max(timestamp);
	events++;
	end_event = seq;
	end_line = line;
	end_time = timestamp;
}

/* Moves between levels, as this CPU's events show them, and the time that led to the events of each level. */
vec:::
/seen[cpu] && level[cpu] != arg4/
{
	@moves[cpu, (int64_t)level[cpu], arg4] = count();
}

vec:::
/seen[cpu]/
{
	@spent[cpu, arg4] = sum(timestamp - before[cpu]);
}

vec:::
/!seen[cpu]/
{
	@first[cpu, arg4] = count();
}

vec:::
{
	seen[cpu] = 1;
	level[cpu] = arg4;
	before[cpu] = timestamp;
}

guest:::error
{
	@errors = count();
	@errors_low = min(arg0);
	@errors_high = max(arg0);
}

END
{
	printf("total events=%d event=%d line=%d time=%d\\n", events, end_event, end_line, end_time);
	printa("vector kind=%s name=%s number=%d count=%@d\\n", @vectors);
	printa("level cpu=%d level=%d count=%@d\\n", @levels);
	printa("first cpu=%d level=%d count=%@d\\n", @first);
	printa("move cpu=%d from=%d to=%d count=%@d\\n", @moves);
	printa("spent cpu=%d level=%d time=%@d\\n", @spent);
	printa("slice number=%d kind=%s count=%@d\\n", @slices);
	printa("slicetime number=%d time=%@d\\n", @times);
	printa("errors count=%@d\\n", @errors);
	printa("errorslow address=%@d\\n", @errors_low);
	printa("errorshigh address=%@d\\n", @errors_high);
}
`;
