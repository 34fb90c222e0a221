/** Tests live under test/, one folder per form (test/README.md). The last line of a run is `N passed, N failed`. */

import { defineConfig } from 'vitest/config';
import type { Reporter } from 'vitest/node';

/** A file that does not even load counts as one failure, and so does an error outside any test. */
const countingReporter: Reporter = {
  onTestRunEnd(modules, unhandledErrors) {
    let passed = 0;
    let failed = unhandledErrors.length;
    for (const module of modules) {
      const states = [...module.children.allTests()].map((test) => test.result().state);
      passed += states.filter((state) => state === 'passed').length;
      const failedTests = states.filter((state) => state === 'failed').length;
      failed += failedTests === 0 && module.state() === 'failed' ? 1 : failedTests;
    }
    // The default reporter prints its summary in the same turn; this line comes after it.
    setImmediate(() => console.log(`${passed} passed, ${failed} failed`));
  },
};

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 20_000,
    reporters: ['default', countingReporter],
  },
});
