/**
 * Deliveries that wait for their handler's first block. With -d exec,cpu the block's dump shows the registers as the
 * delivery left them, and so what it interrupted (LogRules.fromEntry). A delivery waits for a few lines only: of one CPU the
 * block is the next line, of several it may be another CPU's.
 */
import { EXEC_PATIENCE } from './event-queue.ts';
import type { LogEvent, Values } from './log-event.ts';
import type { LogRules } from './log-rules.ts';

interface Entry {
  readonly event: LogEvent;
  readonly knowsHandler: boolean; // the log says where it begins
  block: LogEvent | undefined;
  patience: number; // lines of other CPUs that may come before it
}

export class HandlerEntries {
  private readonly entries: Entry[] = [];

  /** The delivery is whole when its entry is known, or given up. */
  await(event: LogEvent, knowsHandler: boolean): void {
    event.isWhole = false;
    this.entries.push({ event, knowsHandler, block: undefined, patience: EXEC_PATIENCE });
  }

  /** A block begins whose dump follows. */
  enter(block: LogEvent): void {
    for (const entry of this.entries) if (isEntered(entry, block)) entry.block ??= block;
  }

  /** Its dump. */
  tell(block: LogEvent, values: Values, rules: LogRules): void {
    for (const entry of this.entries) if (entry.block === block) rules.fromEntry(entry.event, values);
    this.releaseOf(block);
  }

  /** Its dump is told, or missing. */
  releaseOf(block: LogEvent): void {
    const { entries } = this;
    for (let i = entries.length - 1; i >= 0; i--) if (entries[i]!.block === block) this.release(i);
  }

  /** That CPU does something else. */
  releaseOnCpu(cpu: number): void {
    const { entries } = this;
    for (let i = entries.length - 1; i >= 0; i--) {
      const { event, block } = entries[i]!;
      if (event.cpu === cpu && block === undefined) this.release(i);
    }
  }

  /** So many lines that are no handler's block. With several CPUs it may be another one's. */
  pass(lines: number, several: boolean): void {
    const { entries } = this;
    for (let i = entries.length - 1; i >= 0; i--) {
      const entry = entries[i]!;
      entry.patience -= lines;
      if (entry.block === undefined && (!several || entry.patience <= 0)) this.release(i);
    }
  }

  /** Lines of records after which the event no longer waits here; 0 when it does not, none when its block has begun. */
  patienceOf(event: LogEvent, several: boolean): number {
    const entry = this.entries.find((one) => one.event === event);
    if (entry === undefined) return 0;
    if (entry.block !== undefined) return Number.POSITIVE_INFINITY;
    return several ? Math.max(1, entry.patience) : 1;
  }

  releaseAll(): void {
    for (const { event } of this.entries) event.isWhole = true;
    this.entries.length = 0;
  }

  private release(index: number): void {
    this.entries[index]!.event.isWhole = true;
    this.entries.splice(index, 1);
  }
}

/** Whether the block is the handler's first. */
function isEntered({ event, knowsHandler }: Entry, block: LogEvent): boolean {
  if (event.cpu !== block.cpu) return false;
  return !knowsHandler || (event.entryLow === block.pcLow && event.entryHigh === block.pcHigh);
}
