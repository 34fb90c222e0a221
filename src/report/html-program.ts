/**
 * The D program of the HTML report: that of the other forms, whose counts it shares, and clauses for what only a page has
 * room for: the events one by one, how their rates and gaps are distributed, the pages that are not there, the ledger.
 *
 * In: the text of its run. Out: rows for analysis.ts, and PageData.
 */
import type { Architecture } from '../machine/causes.ts';
import { reportProgram } from './program.ts';
import { bits, number, type Row, rowsOf } from './rows.ts';

/** More events make a page that browsers are slow to open (200,000 are 4 MB); the counts go on. */
const MAX_PAGE_EVENTS = 200_000;
/** Windows in which events are counted: short against a boot, and long against one event. */
export const WINDOW_NS = 10_000_000;
export const WINDOW_EVENTS = 64;

export const KINDS = ['exception', 'interrupt', 'soft'] as const;
export type Kind = (typeof KINDS)[number];

/** Which distributions there are, and the unit of their values: number of events, or nanoseconds. */
const SPREADS = ['event-gaps', 'time-gaps', 'event-rates', 'time-rates'] as const;
export type Spread = (typeof SPREADS)[number];

const EVENTS = `/* For the page: the events themselves. */
vec:::
/page_events < ${MAX_PAGE_EVENTS}/
{
	page_events++;
	printf("ev %d %d %d %s %s %d %x %x %x %d %d\\n", seq, line, cpu, probemod, probefunc, arg0, arg1, arg2, arg3, arg4, timestamp);
}

/* Gaps between events of one kind. */
vec:::
/kind_seen[probemod]/
{
	@event_gaps[probemod] = quantize(seq - kind_event[probemod]);
	@time_gaps[probemod] = quantize(timestamp - kind_time[probemod]);
}

vec:::
{
	kind_seen[probemod] = 1;
	kind_event[probemod] = seq;
	kind_time[probemod] = timestamp;
}

guest:::error
{
	@page_errors[arg0 >> 12] = count();
	@page_error_lines[arg0 >> 12] = min(line);
}
`;

/** Events of each kind per window: those of the last window are counted when another one begins. */
function windows(name: string, at: string): string {
  const count = KINDS.map((kind) => `	@${name}_rates["${kind}"] = quantize(${name}_${kind});`).join('\n');
  const clear = KINDS.map((kind) => `	${name}_${kind} = 0;`).join('\n');
  const add = KINDS.map((kind) => `vec:${kind}::\n{\n	${name}_${kind}++;\n}\n`).join('\n');
  return `/* Rates: events in each window that has any. */
vec:::
/${name}_any && ${name}_window != ${at}/
{
${count}
${clear}
}

vec:::
{
	${name}_any = 1;
	${name}_window = ${at};
}

${add}
END
/${name}_any/
{
${count}
}
`;
}

const SPREADS_D = SPREADS.map(
  (name) => `	printa("spread name=${name} kind=%s\\n%@d", @${name.replace('-', '_')});`,
);

const DECLARATIONS = [
  ...['page_events', 'event_any', 'event_window', 'time_any', 'time_window'],
  ...KINDS.flatMap((kind) => [`event_${kind}`, `time_${kind}`]),
]
  .map((name) => `uint64_t ${name};`)
  .join('\n');

const OWN = `
/* ---- What the page shows besides. ---- */
${DECLARATIONS}
int kind_seen[string];
uint64_t kind_event[string], kind_time[string];

${EVENTS}
${windows('event', `seq / ${WINDOW_EVENTS}`)}
${windows('time', `timestamp / ${WINDOW_NS}`)}
END
{
${SPREADS_D.join('\n')}
	printa("page number=%d count=%@d line=%@d\\n", @page_errors, @page_error_lines);
}
`;

export function htmlProgram(architecture: Architecture): string {
  return `#pragma D option ledger\n${reportProgram(architecture)}${OWN}`;
}

/** A row of a histogram: how often values from `low` on, and below twice that, were seen. */
export interface Bucket {
  readonly low: number;
  readonly count: number;
}

export interface UnmappedPage {
  readonly page: bigint; // address >> 12
  readonly count: number;
  readonly line: number; // of the first
}

export interface PageData {
  readonly spreads: ReadonlyMap<string, readonly Bucket[]>; // by `${Spread} ${Kind}`
  readonly unmapped: readonly UnmappedPage[];
}

export function spreadKey(spread: Spread, kind: Kind): string {
  return `${spread} ${kind}`;
}

export function pageData(output: string, rows: readonly Row[]): PageData {
  return {
    spreads: spreadsOf(output),
    unmapped: rowsOf(rows, 'page').map((row) => ({
      page: bits(row, 'number'),
      count: number(row, 'count'),
      line: number(row, 'line'),
    })),
  };
}

/** `spread name=N kind=K`, then a histogram as quantize prints it: `  16 |@@@   18`. */
function spreadsOf(output: string): Map<string, Bucket[]> {
  const spreads = new Map<string, Bucket[]>();
  for (const found of output.matchAll(/^spread name=(\S+) kind=(\S+)\n\n?.*count *\n((?:.*\|.*\n)*)/gm)) {
    const [, name = '', kind = '', body = ''] = found;
    const buckets = [...body.matchAll(/^ *(-?\d+) \|[@ ]* (\d+) *$/gm)].map(([, low, count]) => ({
      low: Number(low),
      count: Number(count),
    }));
    spreads.set(`${name} ${kind}`, withoutEmptyEnds(buckets));
  }
  return spreads;
}

function withoutEmptyEnds(buckets: readonly Bucket[]): Bucket[] {
  const first = buckets.findIndex(({ count }) => count > 0);
  const last = buckets.findLastIndex(({ count }) => count > 0);
  return first < 0 ? [] : buckets.slice(first, last + 1);
}

/** An event line of the output, as the program above prints it: numbers are text still, addresses hexadecimal. */
export interface EventWords {
  readonly seq: number;
  readonly line: number;
  readonly cpu: number;
  readonly kind: string;
  readonly name: string;
  readonly vector: number;
  readonly error: string;
  readonly address: string;
  readonly pc: string;
  readonly level: number;
  readonly timeNs: number;
}

export function* eventsOf(output: string): Generator<EventWords> {
  for (let at = 0; at < output.length; ) {
    const end = output.indexOf('\n', at);
    const stop = end < 0 ? output.length : end;
    if (output.startsWith('ev ', at)) {
      const [, seq, line, cpu, kind = '', name = '', vector, error = '', address = '', pc = '', level, time] =
        output.slice(at, stop).split(' ');
      yield {
        seq: Number(seq),
        line: Number(line),
        cpu: Number(cpu),
        kind,
        name,
        vector: Number(vector),
        error,
        address,
        pc,
        level: Number(level),
        timeNs: Number(time),
      };
    }
    at = stop + 1;
  }
}

/** Rows of the report alone: lines of events, which are many, are none of them. */
export function withoutEvents(output: string): string {
  return output.replace(/^ev .*\n/gm, '');
}
