/** Rows of the report's program → the report as a value: what `--format json` prints, and what the text is made from. */
import type { Architecture } from '../machine/causes.ts';
import { type Cascade, findCascades, type Reset } from './cascade.ts';
import { bits, number, type Row, rowsOf, text, traceOf } from './rows.ts';
import { LEVELS, type Rule } from './rule.ts';
import { RULES } from './rules.ts';
import { SLICE_EVENTS } from './statistics.ts';
import { vectorTitle } from './vectors.ts';

export interface Report {
  readonly traces: readonly string[];
  readonly architecture: Architecture;
  readonly events: number;
  readonly lastEvent: number;
  readonly durationNs: number | undefined; // undefined: the log has no times
  readonly vectors: readonly VectorCount[]; // the most frequent first
  readonly levels: readonly LevelCount[];
  readonly moves: readonly Move[];
  readonly slices: readonly Slice[];
  readonly guestErrors: { readonly count: number; readonly low: bigint; readonly high: bigint } | undefined;
  readonly anomalies: readonly Finding[];
  readonly cascades: readonly Cascade[];
  readonly resets: readonly Reset[];
}

export interface VectorCount {
  readonly number: number;
  readonly kind: string; // of its vec probe
  readonly name: string;
  readonly title: string;
  readonly count: number;
}

export interface LevelCount {
  readonly cpu: number;
  readonly level: number; // -1: the log does not tell
  readonly count: number;
  readonly timeNs: number; // that led to these events
  /** So many times at least the CPU went to this level: an event there shows that it came from the handler of the one before. */
  readonly returns: number;
}

export interface Move {
  readonly cpu: number;
  readonly from: number;
  readonly to: number;
  readonly count: number;
}

/** A stretch of SLICE_EVENTS events. */
export interface Slice {
  readonly firstEvent: number;
  readonly exceptions: number;
  readonly interrupts: number;
  readonly soft: number;
  readonly endNs: number;
}

export interface Finding {
  readonly rule: string;
  readonly title: string;
  readonly count: number;
  readonly places: readonly {
    readonly line: number;
    readonly event: number;
    readonly cpu: number;
    readonly run: number; // events from here on that are meant; 0 for one
    readonly evidence: string;
    readonly trace?: string; // of several files, if it could be told
  }[];
  readonly means: string;
  readonly ask: string; // a D one-liner
}

export function analyse(traces: readonly string[], architecture: Architecture, rows: readonly Row[]): Report {
  const total = rowsOf(rows, 'total')[0];
  const timeNs = total ? number(total, 'time') : 0;
  const { cascades, resets } = findCascades(rows);
  return {
    traces,
    architecture,
    events: total ? number(total, 'events') : 0,
    lastEvent: total ? number(total, 'event') : 0,
    durationNs: timeNs > 0 ? timeNs : undefined,
    vectors: rowsOf(rows, 'vector')
      .map((row) => vectorCount(row, architecture))
      .toSorted((a, b) => b.count - a.count),
    levels: levelsOf(rows),
    moves: rowsOf(rows, 'move').map((row) => ({
      cpu: number(row, 'cpu'),
      from: level(row, 'from'),
      to: level(row, 'to'),
      count: number(row, 'count'),
    })),
    slices: slicesOf(rows),
    guestErrors: guestErrorsOf(rows),
    anomalies: findingsOf(rows, architecture),
    cascades,
    resets,
  };
}

/** Levels are small and may be -1, which is unsigned in some rows. */
function level(row: Row, name: string): number {
  return Number(BigInt.asIntN(64, bits(row, name)));
}

function vectorCount(row: Row, architecture: Architecture): VectorCount {
  const [kind, name, vector] = [text(row, 'kind'), text(row, 'name'), number(row, 'number')];
  const isNamed = architecture === 'x86' && vector < 32;
  const title = isNamed ? vectorTitle(vector) : kind === 'soft' && name === 'int' ? 'INT instruction' : name;
  return {
    number: vector,
    kind,
    name,
    title: title === 'irq' ? 'device' : title,
    count: number(row, 'count'),
  };
}

function levelsOf(rows: readonly Row[]): LevelCount[] {
  const times = new Map(
    rowsOf(rows, 'spent').map((row) => [`${number(row, 'cpu')} ${level(row, 'level')}`, number(row, 'time')]),
  );
  const first = new Set(rowsOf(rows, 'first').map((row) => `${number(row, 'cpu')} ${level(row, 'level')}`));
  return rowsOf(rows, 'level')
    .map((row) => ({
      returns: number(row, 'count') - (first.has(`${number(row, 'cpu')} ${level(row, 'level')}`) ? 1 : 0),
      cpu: number(row, 'cpu'),
      level: level(row, 'level'),
      count: number(row, 'count'),
      timeNs: times.get(`${number(row, 'cpu')} ${level(row, 'level')}`) ?? 0,
    }))
    .toSorted((a, b) => a.cpu - b.cpu || a.level - b.level);
}

function slicesOf(rows: readonly Row[]): Slice[] {
  const slices = new Map<number, { exception: number; interrupt: number; soft: number; endNs: number }>();
  for (const row of rows) {
    if (row.word !== 'slice' && row.word !== 'slicetime') continue;
    const at = number(row, 'number');
    const slice = slices.get(at) ?? { exception: 0, interrupt: 0, soft: 0, endNs: 0 };
    slices.set(at, slice);
    if (row.word === 'slicetime') slice.endNs = number(row, 'time');
    else slice[text(row, 'kind') as 'exception' | 'interrupt' | 'soft'] += number(row, 'count');
  }
  return [...slices]
    .toSorted(([a], [b]) => a - b)
    .map(([at, { exception, interrupt, soft, endNs }]) => ({
      firstEvent: at * SLICE_EVENTS,
      exceptions: exception,
      interrupts: interrupt,
      soft,
      endNs,
    }));
}

function guestErrorsOf(rows: readonly Row[]): Report['guestErrors'] {
  const [row] = rowsOf(rows, 'errors');
  if (!row) return undefined;
  const address = (word: string) => BigInt.asUintN(64, bits(rowsOf(rows, word)[0] ?? row, 'address'));
  return { count: number(row, 'count'), low: address('errorslow'), high: address('errorshigh') };
}

function findingsOf(rows: readonly Row[], architecture: Architecture): Finding[] {
  const counts = new Map(rowsOf(rows, 'rule').map((row) => [text(row, 'name'), number(row, 'count')]));
  // Faults that nest are at one place too: they are told once, as what they are.
  const nested = new Set(rowsOf(rows, 'recursion').map((row) => bits(row, 'pc')));
  return Object.entries<Rule>(RULES).flatMap(([rule, { title, evidence, means, ask }]) => {
    const found = rowsOf(rows, rule).filter((row) => rule !== 'storm' || !nested.has(bits(row, 'pc')));
    if (found.length === 0) return [];
    const places = found.map((row) => ({
      line: number(row, 'line'),
      event: number(row, 'event'),
      cpu: number(row, 'cpu'),
      run: number(row, 'run'),
      evidence: evidence(row),
      ...traceOf(row),
    }));
    return [
      { rule, title, count: counts.get(rule) ?? found.length, places, means, ask: ask(LEVELS[architecture]) },
    ];
  });
}
