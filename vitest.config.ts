/**
 * Tests live under test/, one folder per form (test/README.md). The last line of a run is `N passed, N failed`.
 *
 * Those with processes, signals or a guest that really runs depend on how a busy host schedules them: such a test that
 * fails is run once more, and the run says by name which ones needed that. They are to be mended, but do not hide what else
 * happened. What is only computed (tables, random programs) fails at once.
 */

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
    const unsteady = modules
      .flatMap((module) => [...module.children.allTests()])
      .filter((test) => test.diagnostic()?.flaky)
      .map((test) => `passed at the second try only: ${test.module.relativeModuleId}: ${test.fullName}\n`);
    // The default reporter prints its summary in the same turn; this line comes after it.
    setImmediate(() => console.log(`${unsteady.join('')}${passed} passed, ${failed} failed`));
  },
};

const LIVE = 'test/live/**/*.test.ts';
const COMPUTED = ['test/property/**/*.test.ts', 'test/table/**/*.test.ts'];

export default defineConfig({
  test: {
    // They end what hangs. A test takes seconds, and on two cores that serve many others, minutes.
    testTimeout: 200_000,
    hookTimeout: 200_000,
    setupFiles: ['test/support/fixed-seed.ts'],
    expect: { poll: { interval: 5, timeout: 120_000 } },
    reporters: ['default', countingReporter],
    projects: [
      { extends: true, test: { name: 'guests', include: [LIVE], retry: 1 } },
      { extends: true, test: { name: 'computed', include: COMPUTED } },
      {
        extends: true,
        test: { name: 'rest', include: ['test/**/*.test.ts'], exclude: [LIVE, ...COMPUTED], retry: 1 },
      },
    ],
  },
});
