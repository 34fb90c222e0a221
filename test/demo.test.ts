/**
 * `npm run demo` as a new user sees it: every question is answered, without QEMU, and the machine's answers are those that its
 * kernel gives of itself (examples/guest/README.md).
 */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { RUN_MS, TOP } from './support/cli.ts';

test('the demo answers all its questions', async () => {
  const env = { ...process.env, PATH: '/nonexistent' };
  const { stdout, stderr } = await promisify(execFile)(process.execPath, ['scripts/demo.mjs'], {
    cwd: TOP,
    env,
    timeout: RUN_MS,
  });
  const questions = stdout.match(/^\$ trapline /gm)?.length ?? 0;
  expect(questions).toBeGreaterThan(8);
  expect(stdout).toMatch(new RegExp(`^# ${questions} answers in [\\d.]+ s\\.$`, 'm'));
  expect(stdout).not.toMatch(/^guest: /m);
  expect(stdout).toMatch(/^sys_add +550 calls +\d+ ns each +\d+ ns at most$/m);
  expect(stdout).toMatch(/^ +page_fault +0x0e +160$/m);
  expect(stdout).toMatch(/^ +add +failed +50$/m);
  expect(stdout).toMatch(/kernel`chain_c\n +kernel`chain_a\+0x\w+\n +kernel`work\+0x\w+\n/);
  expect(stderr).toContain(
    'safe mode withheld 40 firings with interrupts disabled (fbt::quiet_step:entry 40)',
  );
  expect(stdout).toMatch(/^ +quiet_step +40$/m);
});
