/**
 * Tests wait for what must hold, never for a time by which it ought to: a process may need ten seconds to start where two cores
 * serve many others. The time-out of the test (vitest.config.ts) ends a wait for what never comes.
 */

const POLL_MS = 5;

/** For the clients that tests use: QEMU answers at once and boots within a second, unless it has to wait for a processor. */
export const PATIENCE_MS = 60_000;

export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await pause(POLL_MS);
}

/** For what has no sign of its own: nothing that a test asserts may depend on its being long enough. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
