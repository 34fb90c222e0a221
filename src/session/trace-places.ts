/**
 * Which of several files a row of a report is from. D knows the line of an event and not its file, so the files are read
 * once more, up to the last line that is asked for.
 *
 * In: rows with `line` and `event`. Out: the same with `trace`, where exactly one file has such a line there.
 */
import { LinearMemory } from '../base/linear-memory.ts';
import { number, type Row } from '../report/rows.ts';
import { openInput } from '../sources/input.ts';
import { lineAfter } from '../sources/stream.ts';
import { Window } from '../sources/window.ts';

/** Enough of a line to tell what it is. */
const HEAD_BYTES = 160;
/** What is longer is none of QEMU's. */
const LONGEST_LINE_BYTES = 64 * 1024;
const EVENTFUL =
  /(?<!\d)(\d+): v=[0-9a-f]{2} e=|check_exception old|Triple fault|CPU Reset|Taking exception|riscv_cpu_do/;

/** `files` are read, and `names` is what the user calls them. */
export async function withTraces(
  rows: readonly Row[],
  files: readonly string[],
  names: readonly string[],
): Promise<readonly Row[]> {
  const placed = rows.filter(isPlaced);
  if (files.length < 2 || placed.length === 0) return rows;
  const wanted = new Set(placed.map((row) => number(row, 'line')));
  const memory = new LinearMemory();
  const window = new Window(memory);
  const heads: ReadonlyMap<number, string>[] = [];
  for (const file of files) heads.push(await linesOf(file, wanted, window));
  return rows.map((row) => {
    if (!isPlaced(row)) return row;
    const having = names.filter((_, i) => isOf(row, heads[i]!.get(number(row, 'line')) ?? ''));
    return having.length === 1 ? { ...row, values: new Map([...row.values, ['trace', having[0]!]]) } : row;
  });
}

function isPlaced(row: Row): boolean {
  return row.values.has('line') && row.values.has('event') && row.word !== 'total';
}

function isOf(row: Row, head: string): boolean {
  const found = EVENTFUL.exec(head);
  return found !== null && (found[1] === undefined || Number(found[1]) === number(row, 'event'));
}

/** The beginnings of these lines. */
async function linesOf(
  path: string,
  wanted: ReadonlySet<number>,
  window: Window,
): Promise<ReadonlyMap<number, string>> {
  const heads = new Map<number, string>();
  const last = Math.max(...wanted);
  const input = await openInput(path, -1);
  if ('tag' in input) return heads;
  window.attach(input);
  const { u8 } = window.memory;
  let line = 1;
  while (line <= last && !window.ended) {
    await window.refill(window.start);
    let at = window.start;
    // The last line may go on in the next window, unless there is none.
    for (let next = lineAfter(u8, at, window.end); line <= last; next = lineAfter(u8, at, window.end)) {
      const isWhole = next > at && u8[next - 1] === 0x0a;
      if (!isWhole && !(window.ended && next > at)) break;
      if (wanted.has(line))
        heads.set(line, Buffer.from(u8.subarray(at, Math.min(next, at + HEAD_BYTES))).toString('latin1'));
      at = next;
      line++;
    }
    window.start = window.end - at <= LONGEST_LINE_BYTES ? at : window.end;
  }
  input.close();
  return heads;
}
