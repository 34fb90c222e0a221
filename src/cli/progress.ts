/**
 * The progress line on a terminal's standard error during long replays. It is rewritten in place, at most five times a
 * second, first after half a second, and erased before anything else is printed.
 */

/** Redrawing more often only flickers. */
const INTERVAL_MS = 200;
/** A run shorter than this needs no progress. */
const FIRST_MS = 500;

export interface Progress {
  report(doneBytes: number, totalBytes: number | undefined, events: number): void;
  /** Call before printing anything else. */
  erase(): void;
}

export function createProgress(write: (text: string) => void, nowMs: () => number): Progress {
  let due = nowMs() + FIRST_MS;
  let shown = false;
  return {
    report(doneBytes, totalBytes, events) {
      const now = nowMs();
      if (now < due) return;
      due = now + INTERVAL_MS;
      shown = true;
      write(`\r\u001b[K${progressText(doneBytes, totalBytes, events)}`);
    },
    erase() {
      if (shown) write('\r\u001b[K');
      shown = false;
    },
  };
}

/** `trapline: 45% of 2.6 GB, 1,234,567 events` */
export function progressText(doneBytes: number, totalBytes: number | undefined, events: number): string {
  const amount =
    totalBytes === undefined || totalBytes === 0
      ? size(doneBytes)
      : `${Math.min(100, Math.floor((doneBytes / totalBytes) * 100))}% of ${size(totalBytes)}`;
  return `trapline: ${amount}, ${grouped(events)} events`;
}

function size(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`;
}

/** toLocaleString would load the locale tables at every start. */
function grouped(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',');
}
