/** What costs seconds and many tests look at: made for the first of them, and anew for one that has its second try. */
import { beforeEach } from 'vitest';

/** For a group of tests: what `make` has made, to be asked for in a test. */
export function shared<T extends object>(make: () => Promise<T>): () => T {
  let made: T | undefined;
  beforeEach(async ({ task }) => {
    const isSecondTry = (task.result?.retryCount ?? 0) > 0;
    if (made === undefined || isSecondTry) made = await make();
  });
  return () => {
    if (made === undefined) throw new Error('asked for outside of a test');
    return made;
  };
}
