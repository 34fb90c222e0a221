/**
 * What a target's log says in its own words, as LineLog (line-log.ts) asks for it: records, dumps, and what follows from
 * them for the events.
 */
import type { Architecture } from '../machine/causes.ts';
import type { LineLog } from './line-log.ts';
import type { Aliases, Facts, FieldTaker, LogEvent, Values } from './log-event.ts';
import type { RunRules } from './record-run.ts';

/** What a rule makes of the text at the beginning of a piece: how many characters it took; 0 when it is none of its. */
export interface LogRules {
  readonly architecture: Architecture;
  /** Where a record of the target's own may begin inside a line. */
  readonly begins: RegExp;
  /** Texts with which records begin: what is cut short behind the beginning of one is a truncated record. */
  readonly prefixes: readonly string[];
  /** A record. */
  take(text: string, log: LineLog): number;
  /** A whole record of the usual shape, of lines that end before `end`: where it ends, 0 when it is none. */
  takeFast(u8: Uint8Array, at: number, end: number, log: LineLog): number;
  /** Such records, many at once. */
  readonly runs?: RunRules;
  /** Of events of such records. */
  readonly facts: Facts;
  /** A line of a register dump: undefined when it is none. */
  dumpLine(text: string): DumpLine | undefined;
  /** Its registers. */
  readFields(text: string, to: FieldTaker): void;
  readonly aliases?: Aliases;
  /** Whether a dump may be of that event's CPU. */
  mayOwn(event: LogEvent, values: Values): boolean;
  /** The event's own facts from its dump. */
  fromDump(event: LogEvent, values: Values): void;
  /** A record of -d exec, its level by the low two bits of the hidden flags. */
  levelOf(hiddenFlags: number): number;
  /** Any piece that is not a detail of a record: what waits for details has no more of them. */
  between(log: LineLog): void;
  /** What the dump of the handler's first block tells of the delivery that led to it. */
  fromEntry(event: LogEvent, values: Values): void;
  /** The log has ended. */
  finish(log: LineLog): void;
}

export interface DumpLine {
  readonly isFirst: boolean;
  /** Nothing that matters comes behind it. */
  readonly isLast: boolean;
  /** Something in it tells more than registers: level, mask, place. */
  readonly isJudged: boolean;
}
