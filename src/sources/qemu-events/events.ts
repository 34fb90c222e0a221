/**
 * What a replay needs to fire `qemu:::EVENT`: which events a log shows, asked before the program is compiled, and rows of them
 * while it is scanned. Only programs that name the provider pay for either.
 */
import { LinearMemory } from '../../base/linear-memory.ts';
import type { EventBatch } from '../../machine/event-batch.ts';
import type { SourceNeeds } from '../../machine/needs.ts';
import { openInput } from '../input.ts';
import { traceEventTime } from '../qemu-x86/lines.ts';
import { PointTable, type TextRecord } from '../text-trace/points.ts';
import { TextRows } from '../text-trace/rows.ts';
import { Window } from '../window.ts';
import { EventShapes } from './event-shapes.ts';
import { TraceEventParser } from './trace-events.ts';

/** A longer line is none of QEMU's. */
const MAX_LINE_BYTES = 16 * 1024;

export class TraceEvents {
  readonly rows: TextRows;
  private readonly parser: TraceEventParser;
  private readonly memory: LinearMemory;

  constructor(memory: LinearMemory, table: PointTable, needs: SourceNeeds) {
    this.memory = memory;
    this.rows = new TextRows(memory, table, needs);
    const readsArguments = needs.args || needs.registers;
    this.parser = new TraceEventParser(table, new EventShapes(memory, table, readsArguments));
  }

  /** The trace event in [at, end). */
  record(at: number, end: number, cpu: number): TextRecord | undefined {
    return this.parser.take(this.memory.u8, at, end, cpu);
  }

  write(batch: EventBatch, row: number, record: TextRecord): void {
    this.rows.write(batch, row, record);
  }
}

/** The events of logs that can be read twice, with their arguments. */
export async function findTraceEvents(paths: readonly string[]): Promise<PointTable> {
  const table = new PointTable();
  for (const path of paths) {
    const input = await openInput(path, -1);
    if ('tag' in input) continue;
    const memory = new LinearMemory();
    const parser = new TraceEventParser(table, new EventShapes(memory, table, false));
    const window = new Window(memory);
    window.attach(input);
    while (!window.ended) {
      await window.refill(window.start);
      takeWindow(window, parser);
    }
    input.close();
  }
  return table;
}

function takeWindow(window: Window, parser: TraceEventParser): void {
  const { u8 } = window.memory;
  const { end } = window;
  while (window.start < end) {
    const at = window.start;
    const newline = u8.indexOf(0x0a, at);
    const isCut = newline < 0 || newline >= end;
    if (isCut && !window.ended && end - at < MAX_LINE_BYTES) return;
    const next = isCut ? end : newline + 1;
    window.start = next;
    const first = u8[at]!;
    if (first < 48 || first > 57 || traceEventTime(u8, at, next) < 0) continue;
    let stop = next;
    while (stop > at && u8[stop - 1]! <= 0x20) stop--;
    parser.take(u8, at, stop, 0);
  }
}
