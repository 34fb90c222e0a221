/**
 * The events of a page, in columns: what the page's script unpacks for its timeline and its table.
 *
 * Numbers that grow (event, line, time) are differences to the row before, and everything that repeats is an index into a
 * list: which event it was with its error code in words, addresses. Packed by gzip, an event takes a few bytes.
 * Addresses are hexadecimal text from here to the screen: none passes through a double.
 */
import type { Report } from './analysis.ts';
import { explainErrorCode } from './error-codes.ts';
import { type EventWords, eventsOf, KINDS } from './html-program.ts';
import { levelName } from './report-text.ts';
import { vectorHex } from './vectors.ts';

/** What happened, apart from where and when. */
interface What {
  readonly kind: number; // index into KINDS
  readonly vector: string;
  readonly title: string;
  readonly error: string; // hexadecimal without 0x
  readonly says: string; // the error code in words
}

/** A place on the timeline that the report speaks of. */
export interface Mark {
  readonly kind: 'anomaly' | 'crash' | 'reset';
  readonly event: number;
  readonly title: string;
  readonly href: string; // a fragment of the page
}

/** What the script of the page reads; field by field what html-script-data.ts takes apart. */
export interface PagePayload {
  readonly count: number; // of the rows below
  readonly total: number; // of the log
  readonly hasTime: boolean;
  readonly levels: Readonly<Record<string, string>>; // names
  readonly userLevel: number;
  readonly whats: readonly What[];
  readonly hexes: readonly string[];
  readonly event: readonly number[];
  readonly line: readonly number[];
  readonly time: readonly number[]; // ns
  readonly cpu: readonly number[];
  readonly level: readonly number[];
  readonly what: readonly number[];
  readonly pc: readonly number[];
  readonly address: readonly number[];
  readonly slices: readonly (readonly number[])[]; // only when the rows are not all events
  readonly marks: readonly Mark[];
}

/** A list without repetitions that knows where everything in it is. */
class Dictionary<T> {
  readonly list: T[] = [];
  private readonly places = new Map<string, number>();

  indexOf(key: string, make: () => T): number {
    const known = this.places.get(key);
    if (known !== undefined) return known;
    this.places.set(key, this.list.length);
    return this.list.push(make()) - 1;
  }
}

export function pagePayload(
  report: Report,
  output: string,
  userLevel: number,
  marks: readonly Mark[],
): PagePayload {
  const whats = new Dictionary<What>();
  const hexes = new Dictionary<string>();
  const titles = new Map(
    report.vectors.map(({ kind, name, number, title }) => [`${kind} ${name} ${number}`, title]),
  );
  const columns = { event: column(), line: column(), time: column() };
  const plain = { cpu: column(), level: column(), what: column(), pc: column(), address: column() };
  let before = { seq: 0, line: 0, timeNs: 0 };
  for (const words of eventsOf(output)) {
    columns.event.push(words.seq - before.seq);
    columns.line.push(words.line - before.line);
    columns.time.push(words.timeNs - before.timeNs);
    before = words;
    plain.cpu.push(words.cpu);
    plain.level.push(words.level);
    const { kind, name, vector, error } = words;
    plain.what.push(
      whats.indexOf(`${kind} ${name} ${vector} ${error}`, () =>
        whatOf(words, titles.get(`${kind} ${name} ${vector}`) ?? name, report),
      ),
    );
    for (const field of ['pc', 'address'] as const)
      plain[field].push(hexes.indexOf(words[field], () => words[field]));
  }
  const count = plain.cpu.length;
  const levels = [...new Set(report.levels.map(({ level }) => level))];
  return {
    count,
    total: report.events,
    hasTime: report.durationNs !== undefined,
    levels: Object.fromEntries(levels.map((level) => [level, levelName(level, report.architecture)])),
    userLevel,
    whats: whats.list,
    hexes: hexes.list,
    ...columns,
    ...plain,
    slices: count === report.events ? [] : report.slices.map(sliceRow),
    marks,
  };
}

function column(): number[] {
  return [];
}

function sliceRow({ firstEvent, exceptions, interrupts, soft, endNs }: Report['slices'][number]): number[] {
  return [firstEvent, exceptions, interrupts, soft, endNs];
}

function whatOf(words: EventWords, title: string, { architecture }: Report): What {
  const { kind, vector, error } = words;
  const isX86 = architecture === 'x86';
  const isException = isX86 && kind !== 'soft' && vector < 32;
  return {
    kind: (KINDS as readonly string[]).indexOf(kind),
    vector: isX86 ? vectorHex(vector) : String(vector),
    title,
    error,
    says: isException ? explainErrorCode(vector, BigInt(`0x${error}`)).join('; ') : '',
  };
}
