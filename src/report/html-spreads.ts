/** How rates and gaps are distributed: a histogram for each kind of event, as a table with bars. */
import { bar, grouped, html, type Markup, NOTHING } from './html-markup.ts';
import {
  type Bucket,
  KINDS,
  type Kind,
  type PageData,
  type Spread,
  spreadKey,
  WINDOW_EVENTS,
  WINDOW_NS,
} from './html-program.ts';
import { KIND_CLASS, KIND_NAME, section } from './html-sections.ts';

/** So many empty rows in a row become one. */
const MIN_FOLDED = 3;

/** What the values of a distribution are, in words and with a unit. */
interface Meaning {
  readonly title: string;
  readonly column: string;
  readonly counted: string;
  readonly show: (value: number) => string;
  readonly most?: number; // no value is larger
}

const MEANINGS: Readonly<Record<Spread, Meaning>> = {
  'event-rates': {
    title: `How many of each ${WINDOW_EVENTS} events`,
    column: 'Events',
    counted: 'Stretches',
    show: grouped,
    most: WINDOW_EVENTS,
  },
  'time-rates': {
    title: `How many in each ${WINDOW_NS / 1e6} ms that have any`,
    column: 'Events',
    counted: 'Stretches',
    show: grouped,
  },
  'event-gaps': {
    title: 'Events from one to the next of its kind',
    column: 'Distance',
    counted: 'Gaps',
    show: grouped,
  },
  'time-gaps': {
    title: 'Time from one to the next of its kind',
    column: 'Time',
    counted: 'Gaps',
    show: duration,
  },
};

export function spreadPart(data: PageData, hasTime: boolean): Markup {
  const [rates, gaps]: readonly Spread[] = hasTime
    ? ['time-rates', 'time-gaps']
    : ['event-rates', 'event-gaps'];
  const [first, second] = [group(data, rates!), group(data, gaps!)];
  if (first === NOTHING && second === NOTHING) return NOTHING;
  return section('rates', 'Rates and gaps', html`${first}${second}`);
}

function group(data: PageData, spread: Spread): Markup {
  const { title } = MEANINGS[spread];
  const shown = KINDS.flatMap((kind) => {
    const buckets = data.spreads.get(spreadKey(spread, kind));
    // Of a kind that never happens there are only zeros.
    return buckets?.some(({ low }) => low > 0) ? [histogram(spread, kind, buckets)] : [];
  });
  return shown.length === 0 ? NOTHING : html`<h3>${title}</h3><div class="grid">${shown}</div>`;
}

function histogram(spread: Spread, kind: Kind, buckets: readonly Bucket[]): Markup {
  const { column, counted, show, most: limit } = MEANINGS[spread];
  const most = Math.max(...buckets.map(({ count }) => count));
  const rows = folded(buckets).map((bucket) =>
    bucket === undefined
      ? html`<tr aria-hidden="true"><td colspan="3" class="soft">⋮</td></tr>`
      : html`<tr data-count="${bucket.count}"><th scope="row" class="n">${rangeText(bucket.low, show, limit)}</th><td class="n">${grouped(bucket.count)}</td>${bar(bucket.count, most, KIND_CLASS[kind]!)}</tr>`,
  );
  return html`<table data-spread="${spread} ${kind}"><caption>${KIND_NAME[kind]}s</caption><thead><tr><th scope="col" class="n">${column}</th><th scope="col" class="n">${counted}</th><td class="bar"></td></tr></thead><tbody>${rows}</tbody></table>`;
}

/** Runs of empty buckets become one gap, which is undefined. */
function folded(buckets: readonly Bucket[]): (Bucket | undefined)[] {
  const rows: (Bucket | undefined)[] = [];
  for (let i = 0; i < buckets.length; i++) {
    let end = i;
    while (end < buckets.length && buckets[end]!.count === 0) end++;
    if (end - i >= MIN_FOLDED) {
      rows.push(undefined);
      i = end;
    }
    rows.push(buckets[i]!);
  }
  return rows;
}

/** Buckets are powers of two: from `low` on, and below twice that. */
function rangeText(low: number, show: (value: number) => string, limit: number | undefined): string {
  if (low === 0 || low === 1 || low === limit) return show(low);
  if (low < 0) return `below ${show(-low)}`;
  return show === duration ? `${show(low)} – ${show(2 * low)}` : `${show(low)} – ${show(2 * low - 1)}`;
}

const UNITS: readonly (readonly [number, string])[] = [
  [1e9, 's'],
  [1e6, 'ms'],
  [1e3, 'µs'],
  [1, 'ns'],
];

/** 2.1 ms: two digits are enough for a power of two. */
function duration(ns: number): string {
  if (ns === 0) return '0';
  const [size, unit] = UNITS.find(([least]) => ns >= least) ?? UNITS.at(-1)!;
  const value = ns / size;
  return `${value < 10 && size > 1 ? value.toFixed(1) : Math.round(value)} ${unit}`;
}
