/**
 * The register dump at hand in a log whose records are lines (line-log.ts): it is read line by line, or as a whole where
 * its shape was met before (dump-shape.ts). A dump that was read line by line teaches its shape when its lines followed
 * each other, so where they lie in the input is noted meanwhile.
 */
import { type DumpField, DumpShapes } from './dump-shape.ts';
import { type LogEvent, Values } from './log-event.ts';
import type { DumpLine, LogRules } from './log-rules.ts';
import type { ScanSetup } from './scanner.ts';

/** A dump whose lines do not follow each other. */
const NO_LESSON = { from: 0, to: -1 } as const;

export interface OpenDump {
  readonly values: Values;
  readonly owner: LogEvent | undefined; // of a reset; a block's is found by its pc
  isEnded: boolean; // its last line has come
}

export class DumpReader {
  private readonly rules: LogRules;
  private readonly setup: ScanSetup;
  private readonly shapes = new DumpShapes();
  private dump: OpenDump | undefined;
  /** Where in the input the lines of the dump at hand lie that follow each other, when something can be learned from it. */
  private lesson: { readonly from: number; readonly to: number } | undefined;

  constructor(setup: ScanSetup, rules: LogRules) {
    this.setup = setup;
    this.rules = rules;
  }

  get isOpen(): boolean {
    return this.dump !== undefined;
  }

  /** A line is missing. */
  get isMidway(): boolean {
    return this.dump !== undefined && !this.dump.isEnded;
  }

  /** A reset was logged, whose dump follows. */
  expect(owner: LogEvent): void {
    this.dump = { values: new Values(this.rules.aliases), owner, isEnded: false };
  }

  /** Whether the dump at hand has lines, so that one that begins is another. */
  get hasLines(): boolean {
    return (this.dump?.values.size ?? 0) > 0;
  }

  /** The shape of the whole dump at `at`, when it was met before. */
  match(u8: Uint8Array, at: number, end: number): ReturnType<DumpShapes['match']> {
    return this.shapes.match(u8, at, end);
  }

  /** Take the dump of that shape, which is another one than that at hand, unless that has no lines. */
  takeShape(u8: Uint8Array, at: number, shape: NonNullable<ReturnType<DumpShapes['match']>>): void {
    const { dump } = this; // of a reset, without any line yet
    this.lesson = undefined;
    this.dump = {
      values: new Values(this.rules.aliases, this.shapes.take(u8, at, shape)),
      owner: dump?.owner,
      isEnded: shape.isEnded || (dump?.isEnded ?? false),
    };
  }

  /** Take a line of the dump at hand, or the first of one. */
  takeLine(text: string, { isJudged, isLast }: DumpLine): void {
    this.dump ??= { values: new Values(this.rules.aliases), owner: undefined, isEnded: false };
    if (isJudged || this.setup.needs.registers) this.rules.readFields(text, this.dump.values);
    this.dump.isEnded ||= isLast;
  }

  /** The line at `p`, that ends at `end`, may be learned from. */
  noteLesson({ isFirst }: DumpLine, p: number, end: number): void {
    if (!this.shapes.mayLearn) return;
    const { lesson } = this;
    const { window } = this.setup;
    const from = window.offsetOf(p);
    if (lesson !== undefined && lesson.to === from && end > p)
      this.lesson = { from: lesson.from, to: window.offsetOf(end) };
    else if (lesson !== undefined) this.lesson = NO_LESSON;
    else this.lesson = isFirst && end > p ? { from, to: window.offsetOf(end) } : NO_LESSON;
  }

  /** The dump at hand, if there is one, has come to its end. */
  close(log: Buffer): OpenDump | undefined {
    const { dump } = this;
    if (dump === undefined) return undefined;
    this.dump = undefined;
    this.learn(dump, log);
    return dump;
  }

  private learn({ isEnded }: OpenDump, log: Buffer): void {
    const { lesson, shapes } = this;
    const { window } = this.setup;
    this.lesson = undefined;
    if (lesson === undefined || lesson === NO_LESSON) return;
    const start = window.linearOf(lesson.from);
    if (start < window.floor) return; // the window has moved on
    const text = log.toString('latin1', start, window.linearOf(lesson.to));
    const fields = new Map<number, DumpField>();
    let lineAt = 0;
    const taker = {
      setDigits: (id: number, digits: string, at: number): void => {
        fields.set(id, { at: lineAt + at, digits: digits.length });
      },
    };
    for (const line of text.split('\n')) {
      this.rules.readFields(line, taker);
      lineAt += line.length + 1;
    }
    shapes.learn(text, isEnded, fields);
  }
}
