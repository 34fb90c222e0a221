/**
 * The interrupts that a session got, and what they end: the opening of a source, which may wait for ever. (A FIFO waits
 * for its writer, a guest for its monitor.)
 */
import type { Diagnostic } from '../diag/diagnostics.ts';
import { Ledger } from '../machine/ledger.ts';
import type { EventSource } from '../sources/source.ts';

export class Interruption {
  count = 0;
  private wake: () => void = () => {};

  add(): void {
    this.count++;
    this.wake();
  }

  /** What `opening` comes to, or a source without events when an interrupt comes first. */
  orNothing(opening: Promise<EventSource | Diagnostic>, name: string): Promise<EventSource | Diagnostic> {
    const interrupted = new Promise<EventSource>((resolve) => {
      this.wake = () => resolve(nothingFrom(name));
      if (this.count > 0) this.wake();
    });
    return Promise.race([opening, interrupted]);
  }
}

/** What stands for a source that an interrupt did not let open: BEGIN and END fire, and nothing else does. */
function nothingFrom(name: string): EventSource {
  return {
    name,
    ledger: new Ledger(),
    hasTime: false,
    progress: { doneBytes: 0, totalBytes: undefined },
    fill: () => 0,
    close: async () => {},
  };
}
