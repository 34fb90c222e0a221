/** examples/crash/README.md: what it shows is what the commands print, and a kernel that is built and crashed anew leads to the same line. */
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { RUN_MS, TOP, trapline } from '../support/cli.ts';
import { describeLive, findProgram, QEMU } from '../support/qemu.ts';

const PAGE = readFileSync(join(TOP, 'examples/crash/README.md'), 'utf8');
const BLOCKS = [...PAGE.matchAll(/^```\n\$ trapline (.*)\n([\s\S]*?)^```$/gm)];

/** The words of a shell command; quotes are the single ones. */
function wordsOf(command: string): string[] {
  return [...command.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain!);
}

describe('the page', () => {
  test('has the commands', () => {
    expect(BLOCKS.length).toBe(5);
  });

  test.each(BLOCKS.map(([, command, output]) => [command!, output!]))('%s', async (command, output) => {
    const run = await trapline(wordsOf(command));
    expect([run.status, run.stderr]).toEqual([0, '']);
    expect(Buffer.from(run.stdout, 'latin1').toString('utf8').trimEnd()).toBe(output.trimEnd());
  });
});

const folder = mkdtempSync(join(tmpdir(), 'trapline-crash-'));
afterAll(() => rmSync(folder, { recursive: true }));

describeLive('a kernel that crashes here and now', () => {
  const build = /^cd examples\/crash && (gcc .*)$/m.exec(PAGE)?.[1] ?? '';
  const boot = /^qemu-system-x86_64 (.*)$/m.exec(PAGE)?.[1] ?? '';

  test.runIf(findProgram('gcc') !== undefined)('leads to the line that the source has', async () => {
    for (const file of ['kernel.c', 'boot.S', 'kernel.ld'])
      cpSync(join(TOP, 'examples/crash', file), join(folder, file));
    execFileSync('sh', ['-c', build], { cwd: folder });
    const { stdout } = spawnSync(QEMU, boot.split(' '), { cwd: folder, encoding: 'utf8', timeout: RUN_MS });
    expect(stdout).toContain('crash: flushing...');
    const run = await trapline([
      'explain',
      '--symbols',
      join(folder, 'kernel.elf'),
      join(folder, 'crash.log'),
    ]);
    const source = readFileSync(join(folder, 'kernel.c'), 'utf8').split('\n');
    const guilty = source.findIndex((line) => line.includes('disk->queue->length')) + 1;
    expect(run.stdout).toMatch(new RegExp(`^ {2}pc .* kernel\`pending\\S* at kernel\\.c:${guilty}$`, 'm'));
    expect(run.stdout).toMatch(/^ {2}from +R\w\w \(0x0\) \+ 8, says the code$/m);
    expect(run.stdout).toMatch(/\d+ nested #PF at pc 0x[0-9a-f]+ kernel`blame/);
    expect(run.stdout).not.toContain('warning');
  });
});
