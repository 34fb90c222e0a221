/** Which events `trapline explain` explains when none is named: where each crash began, else the last one before each reset. */
import type { Finding, Report } from './analysis.ts';
import type { Cascade } from './cascade.ts';
import { selectorError } from './error-codes.ts';
import { bits, number, type Row, rowsOf } from './rows.ts';

export interface Target {
  readonly event: number;
  readonly why: string;
  readonly cascade: Cascade | undefined;
}

/** `others` are events that ended a guest in another way (fate.ts). */
export function targetsOf(report: Report, others: readonly Target[] = []): Target[] {
  const { cascades, resets, lastEvent } = report;
  const crashes = cascades.map((cascade) => {
    const recursion = recursionInto(report, cascade);
    return {
      event: recursion?.event ?? cascade.firstEvent,
      why: cascade.isFatal ? 'it led to a triple fault' : 'it led to a double fault',
      cascade,
    };
  });
  const ordered = resets.map(({ event }) => ({
    event,
    why: 'the last event before a reset that no fault caused',
    cascade: undefined,
  }));
  const found = [...crashes, ...others, ...ordered].toSorted((a, b) => a.event - b.event);
  if (found.length > 0) return found;
  return [{ event: lastEvent, why: 'the last event: the log has no crash and no reset', cascade: undefined }];
}

/** A fault in its own handler that goes on until the cascade begins. */
function recursionInto(
  { anomalies }: Report,
  { cpu, firstEvent }: Cascade,
): Finding['places'][number] | undefined {
  const places = anomalies.find(({ rule }) => rule === 'recursion')?.places ?? [];
  return places.find((at) => at.cpu === cpu && at.event < firstEvent && at.event + at.run >= firstEvent);
}

/** The cascade that an event is part of. */
export function cascadeOf({ cascades }: Report, event: number): Cascade | undefined {
  return cascades.find(({ firstEvent, lastEvent }) => event >= firstEvent && event <= lastEvent);
}

const SELECTOR_FAULTS: ReadonlySet<number> = new Set([10, 11, 12, 13]);

/** The event whose delivery raised this one, when this one blames its gate; else the event itself. */
export function rootOf(rows: readonly Row[], event: number): number {
  const events = rowsOf(rows, 'event');
  const at = events.findIndex((row) => number(row, 'event') === event);
  const [row, before] = [events[at], events[at - 1]];
  if (!row || !before || !SELECTOR_FAULTS.has(number(row, 'vector'))) return event;
  const { table, index } = selectorError(number(row, 'error'));
  const isBlamed =
    table === 'IDT' && index === number(before, 'vector') && bits(before, 'pc') === bits(row, 'pc');
  return isBlamed && number(before, 'cpu') === number(row, 'cpu') ? number(before, 'event') : event;
}
