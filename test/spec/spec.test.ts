/**
 * The language as a user meets it: each script under test/spec runs through the built command line and must print exactly
 * what the file beside it says.
 *
 *   tst.<what>.d          runs; NAME.out is its standard output, then, when there is any, standard error and status
 *   err.<TAG>.<what>.d    fails to compile with that tag (run with -x errtags)
 *   drp.<KIND>.<what>.d   loses data of that kind (run with -x droptags)
 *
 * A script's head comment has ASSERTION: and SECTION: lines, and may have
 *
 *   ARGS:      options, before -s FILE; $TRACES stands for the bundled traces
 *   OPERANDS:  macro arguments, after it
 *   SCRIPT:    what -s names instead of the file, which is then on standard input
 *   ENV:       NAME=VALUE words
 *
 * It is deterministic: no clock of the host, no randomness.
 * UPDATE=1 writes the .out files; a mismatch leaves NAME.actual.
 * TIER=fast runs all of it on the fast tier, from the first firing on: the same bytes, but for what -v says of tiers.
 */
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { TOP, trapline } from '../support/cli.ts';
import { headComment, headWords } from '../support/head-comment.ts';

const ROOT = 'test/spec';
const TIER = process.env['TIER'];
const scripts = readdirSync(`${TOP}/${ROOT}`, { recursive: true, encoding: 'utf8' })
  .filter((name) => /(^|\/)(tst|err|drp)\.[^/]*\.d$/.test(name))
  .sort();

describe.concurrent('spec', () => {
  for (const name of scripts) {
    test(name, async () => {
      const path = `${ROOT}/${name}`;
      const actual = await runScript(path);
      const expectedPath = `${TOP}/${path.slice(0, -2)}.out`;
      const actualPath = `${TOP}/${path.slice(0, -2)}.actual`;
      const tag = tagWanted(name.split('/').at(-1)!);
      if (tag !== undefined) expect(actual).toContain(tag);
      if (process.env['UPDATE'] === '1' && TIER === undefined) writeFileSync(expectedPath, actual, 'latin1');
      const expected = existsSync(expectedPath) ? readFileSync(expectedPath, 'latin1') : '(no .out file)';
      if (TIER !== undefined) {
        expect(withoutTier(actual)).toBe(withoutTier(expected));
        return;
      }
      if (actual === expected) rmSync(actualPath, { force: true });
      else writeFileSync(actualPath, actual, 'latin1');
      expect(actual).toBe(expected);
    });
  }
});

function withoutTier(output: string): string {
  return output.replace(/^trapline: tier: .*\n/m, '');
}

/** What standard error must show in brackets for a script of that name; the path alone also holds the tag. */
function tagWanted(fileName: string): string | undefined {
  const [kind, tag] = fileName.split('.');
  if (kind === 'err') return `[${tag}] `;
  return kind === 'drp' ? `[DTRACEDROP_${tag}] ` : undefined;
}

async function runScript(path: string): Promise<string> {
  const head = headComment(readFileSync(`${TOP}/${path}`, 'latin1'));
  expect(head, 'ASSERTION: and SECTION: lines').toMatch(/ASSERTION:[\s\S]*SECTION:/);
  const kind = path.split('/').at(-1)!.slice(0, 3);
  const always = kind === 'err' ? ['-x', 'errtags'] : kind === 'drp' ? ['-x', 'droptags'] : [];
  const [script] = headWords(head, 'SCRIPT');
  const tier = TIER === undefined ? [] : ['-x', `tier=${TIER}`];
  const words = [
    ...always,
    ...headWords(head, 'ARGS'), // may begin with a subcommand
    ...tier,
    '-s',
    script ?? path,
    ...headWords(head, 'OPERANDS'),
  ];
  const env = Object.fromEntries(headWords(head, 'ENV').map((word) => word.split(/=(.*)/s, 2)));
  const stdin = script === undefined ? '' : readFileSync(`${TOP}/${path}`);
  const result = await trapline(words, { env, stdin });
  const stderr =
    result.stderr === '' ? '' : `-- stderr --\n${Buffer.from(result.stderr, 'utf8').toString('latin1')}`;
  const end = result.signal ?? result.status;
  return `${result.stdout}${stderr}${end === 0 ? '' : `-- status ${end} --\n`}`;
}
