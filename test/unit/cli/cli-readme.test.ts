/** The README shows what happens: each `$ trapline …` in it prints exactly the lines below it. UPDATE=1 rewrites them. */
import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { TOP } from '../../support/cli.ts';

const PATH = `${TOP}/README.md`;
const shown = [...readFileSync(PATH, 'utf8').matchAll(/```\n\$ trapline (.*)\n([\s\S]*?)```/g)].map(
  (match) => ({ command: match[1]!, output: match[2]! }),
);

test('there are commands to check', () => {
  expect(shown.length).toBeGreaterThan(3);
});

test.each(shown)('$command', ({ command, output }) => {
  const words = [...command.matchAll(/'([^']*)'|(\S+)/g)].map((match) => match[1] ?? match[2]!);
  const { text, status } = asOnTerminal(words);
  if (process.env['UPDATE'] === '1') {
    const readme = readFileSync(PATH, 'utf8');
    const block = `$ trapline ${command}\n`;
    writeFileSync(
      PATH,
      readme.replace(block + output, () => block + text),
    );
  }
  expect(output).toBe(text);
  expect(status).toBe(0);
});

/** Standard output and standard error in the order in which they were written. */
function asOnTerminal(words: readonly string[]): { text: string; status: number | null } {
  const folder = mkdtempSync(join(tmpdir(), 'trapline-'));
  const path = join(folder, 'both');
  const fd = openSync(path, 'a');
  try {
    const { status } = spawnSync(process.execPath, [`${TOP}/dist/trapline.js`, ...words], {
      cwd: TOP,
      stdio: ['ignore', fd, fd],
    });
    return { text: readFileSync(path, 'utf8'), status };
  } finally {
    closeSync(fd);
    rmSync(folder, { recursive: true });
  }
}
