/**
 * Every script under examples/ runs as its head comment says and prints the .out file beside it, the same bytes each time;
 * what its head shows of that output is really in it, and examples/README.md names it. UPDATE=1 writes the .out files.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { TOP, trapline } from './support/cli.ts';
import { headComment, headWords } from './support/head-comment.ts';

const scripts = readdirSync(`${TOP}/examples`).filter((name) => name.endsWith('.d'));

describe.concurrent('examples', () => {
  test.each(scripts)('%s', async (name) => {
    const { head, path, expectedPath } = example(name);
    const args = runArguments(path, head);
    const first = await trapline(args);
    const second = await trapline(args);
    expect(first).toEqual(second);
    if (process.env['UPDATE'] === '1') writeFileSync(expectedPath, first.stdout, 'latin1');
    expect(first.stdout).toBe(expected(expectedPath));
    expect(first.stderr).not.toMatch(/error on enabled probe|drop/);
    expect(first.status).toBe(Number(headWords(head, 'STATUS')[0] ?? 0));
  });
});

describe('the head comment of', () => {
  test.each(scripts)('%s shows the command that the test runs', (name) => {
    const { head, path } = example(name);
    const run = /Run:([\s\S]*?)Read:/.exec(head)?.[1] ?? '';
    const words = run.split(/[\s*]+/).filter((word) => word !== '');
    expect(words[0]).toBe('trapline');
    expect(words.slice(1).sort()).toEqual(runArguments(path, head).sort());
  });

  test.each(scripts)('%s shows lines of its real output, in order', (name) => {
    const { head, expectedPath } = example(name);
    const shown = [...head.matchAll(/^ \* +\| ?(.*)$/gm)].map((match) => match[1]!.trimEnd());
    expect(shown.length).toBeGreaterThan(0);
    const printed = expected(expectedPath)
      .split('\n')
      .map((line) => line.trimEnd());
    let from = 0;
    for (const line of shown) {
      const at = printed.indexOf(line, from);
      expect(at, `not printed after the line shown before it: ${line}`).toBeGreaterThanOrEqual(from);
      from = at + 1;
    }
  });

  test.each(scripts)('%s asks the question that README.md lists', (name) => {
    const readme = readFileSync(`${TOP}/examples/README.md`, 'utf8');
    expect(readme).toContain(`[${name.slice(0, -2)}](${name})`);
  });
});

interface Example {
  readonly path: string;
  readonly head: string;
  readonly expectedPath: string;
}

function example(name: string): Example {
  const path = `examples/${name}`;
  const expectedPath = `${TOP}/${path.slice(0, -2)}.out`;
  return { path, head: headComment(readFileSync(`${TOP}/${path}`, 'utf8')), expectedPath };
}

function runArguments(path: string, head: string): string[] {
  return [...headWords(head, 'ARGS'), '-s', path, ...headWords(head, 'OPERANDS')];
}

function expected(path: string): string {
  return existsSync(path) ? readFileSync(path, 'latin1') : '(no .out file)';
}
