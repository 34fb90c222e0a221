/** Those who wait for the guest to stop: each with its own time, all served by the same stop. */
import type { WaitCount } from '../wire/connection.ts';
import { GdbError } from './gdb-error.ts';
import type { Stop } from './stop.ts';

interface Waiter {
  readonly resolve: (stop: Stop) => void;
  readonly reject: (error: GdbError) => void;
}

export class StopWaiters {
  private readonly waiters = new Set<Waiter>();

  /** A time-out here owes nobody an answer, so the connection stays good. */
  async wait(timeoutMs: number, name: string, waits: WaitCount): Promise<Stop> {
    waits.begin();
    let timer: NodeJS.Timeout | undefined;
    let waiter: Waiter | undefined;
    try {
      return await new Promise<Stop>((resolve, reject) => {
        waiter = { resolve, reject };
        this.waiters.add(waiter);
        const late = (): void =>
          reject(new GdbError('timeout', `the guest at ${name} did not stop within ${timeoutMs} ms`));
        timer = setTimeout(late, timeoutMs);
      });
    } finally {
      clearTimeout(timer);
      this.waiters.delete(waiter!);
      waits.end();
    }
  }

  resolve(stop: Stop): void {
    for (const waiter of this.waiters) waiter.resolve(stop);
  }

  reject(error: GdbError): void {
    for (const waiter of this.waiters) waiter.reject(error);
  }
}
