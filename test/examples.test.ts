/**
 * Every script under examples/ runs as its head comment says and prints the .out file beside it, the same bytes each time.
 * UPDATE=1 writes the .out files.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { TOP, trapline } from './support/cli.ts';
import { headComment, headWords } from './support/head-comment.ts';

const scripts = readdirSync(`${TOP}/examples`).filter((name) => name.endsWith('.d'));

describe.concurrent('examples', { timeout: 60_000 }, () => {
  test.each(scripts)('%s', async (name) => {
    const path = `examples/${name}`;
    const head = headComment(readFileSync(`${TOP}/${path}`, 'utf8'));
    const args = [...headWords(head, 'ARGS'), '-s', path, ...headWords(head, 'OPERANDS')];
    const first = await trapline(args);
    const second = await trapline(args);
    expect(first).toEqual(second);
    const expectedPath = `${TOP}/${path.slice(0, -2)}.out`;
    if (process.env['UPDATE'] === '1') writeFileSync(expectedPath, first.stdout, 'latin1');
    expect(first.stdout).toBe(
      existsSync(expectedPath) ? readFileSync(expectedPath, 'latin1') : '(no .out file)',
    );
    expect(first.status).toBe(0);
  });
});
