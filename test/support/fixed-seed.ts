/**
 * Random programs and inputs are the same in every run (vitest.config.ts loads this before each file): what a change breaks
 * shows in the run that tests it, not by chance in another. SEED=2 tries others; a test that gives its own seed keeps it.
 */
import fc from 'fast-check';

fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: Number(process.env['SEED'] ?? 1) });
