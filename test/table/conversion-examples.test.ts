/** The example of every printf conversion compiles, and all of them together run: `trapline help %d` shows them. */
import { expect, test } from 'vitest';
import { CONVERSIONS } from '../../src/dif/conversions.ts';
import { trapline } from '../support/cli.ts';

const rows = Object.entries(CONVERSIONS);

test.each(rows.map(([letters, row]) => [letters, row.example] as const))(
  'the example of %%%s uses it',
  (letters, example) => {
    expect(example).toMatch(new RegExp(`"[^"]*%[-#0-9]*${letters}[^"]*"`));
  },
);

test('the examples run without a fault', async () => {
  const clauses = rows.map(([letters, { example }]) => {
    const named = example.replace(/@(?=[[)])/g, `@${letters}`); // each its own aggregation
    return `vec:::0x0d { ${named}; printf("|%s\\n", "${letters}"); }`;
  });
  const program = `${clauses.join('\n')}\nvec:::0x0d { exit(0); }`;
  const trace = 'examples/traces/tiny32-gp-np-df.log.gz';
  const result = await trapline(['-q', '--unsafe', '-t', trace, '-n', program]);
  expect(result.stderr).toBe('');
  expect(result.stdout.match(/\|\w+$/gm)).toEqual(rows.map(([letters]) => `|${letters}`));
});

test('help shows the example', async () => {
  const { stdout } = await trapline(['help', '%Y']);
  expect(stdout).toContain('example: printf("%Y", walltimestamp)');
});
