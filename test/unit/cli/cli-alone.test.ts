/** dist/trapline-alone.js copied without what lies beside it: it works, and says what is missing where that is needed. */
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { TOP } from '../../support/cli.ts';

const folder = mkdtempSync(join(tmpdir(), 'trapline-alone-'));
copyFileSync(`${TOP}/dist/trapline-alone.js`, join(folder, 'trapline.cjs'));
afterAll(() => rmSync(folder, { recursive: true }));

const alone = (...args: string[]) =>
  spawnSync(process.execPath, [join(folder, 'trapline.cjs'), ...args], { cwd: TOP, encoding: 'utf8' });

test('a program that decodes no instructions runs', () => {
  expect(alone('-qn', 'BEGIN { printf("here"); exit(0); }').stdout).toBe('here\n');
});

test('one that does is told what to copy', () => {
  const run = alone('--machine', 'examples/guest/kernel.elf', '-qn', 'fbt::fib:entry { @ = count(); }');
  expect(run.status).toBe(1);
  expect(run.stderr).toBe(
    'trapline: iced-x86.js, the decoder of x86 instructions, is not beside trapline.js\n' +
      '  hint: copy the two together; npm run build makes both\n',
  );
});
