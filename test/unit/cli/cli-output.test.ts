/** What the built command line prints where: files, listings, reports, and addresses that differ between builds. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { trapline } from '../../support/cli.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'trapline-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const HEADING = '   ID   PROVIDER            MODULE                          FUNCTION NAME\n';

describe('-o', () => {
  test('appends data; messages stay on standard error', async () => {
    const path = join(folder, 'out');
    writeFileSync(path, 'before\n');
    const result = await trapline(['-o', path, '-n', 'BEGIN { printf("x"); exit(0); }']);
    expect(result.stdout).toBe('');
    expect(result.stderr).toBe("trapline: description 'BEGIN ' matched 1 probe\n");
    expect(readFileSync(path, 'utf8')).toBe(
      'before\nCPU     ID                    FUNCTION:NAME\n  0      1                           :BEGIN x\n\n',
    );
  });

  test('ftruncate() empties the file, what was there before the run, too', async () => {
    const path = join(folder, 'truncated');
    writeFileSync(path, 'before\n');
    const program = 'BEGIN { printf("gone\\n"); ftruncate(); printf("kept\\n"); exit(0); }';
    await trapline(['-q', '-o', path, '-n', program]);
    expect(readFileSync(path, 'utf8')).toBe('kept\n\n');
  });

  test('freopen("") comes back to the file; commands print to standard output', async () => {
    const path = join(folder, 'reopened');
    const other = join(folder, 'other');
    const program = `BEGIN { printf("1\\n"); freopen("${other}"); printf("2\\n"); freopen(""); printf("3\\n"); system("echo 4"); exit(0); }`;
    const result = await trapline(['-qw', '-o', path, '-n', program]);
    expect(readFileSync(path, 'utf8')).toBe('1\n3\n\n');
    expect(readFileSync(other, 'utf8')).toBe('2\n');
    expect(result.stdout).toBe('4\n');
  });

  test('a file that cannot be written is said at once', async () => {
    const result = await trapline(['-o', folder, '-n', 'BEGIN { exit(0); }']);
    expect(result.stderr).toContain(`failed to open output file '${folder}': Is a directory`);
    expect(result.status).toBe(1);
  });

  test('-v reports into it', async () => {
    const path = join(folder, 'report');
    const result = await trapline(['-qv', '-o', path, '-n', 'BEGIN { exit(0); }']);
    expect(readFileSync(path, 'utf8')).toMatch(/^\nStability attributes for description BEGIN:\n/);
    expect(result.stderr).toMatch(/^trapline: clock: .*\ntrapline: event columns .*\ntrapline: tier: .*\n$/);
  });
});

describe('-l', () => {
  test('descriptions of every level, in order', async () => {
    const result = await trapline(['-l', '-n', 'ERROR', '-P', 'dtrace', '-i', '2', '-f', 'page_fault']);
    expect(result.stdout.split('\n').map((line) => line.trim().split(/ +/).at(-1))).toEqual([
      'NAME',
      'ERROR',
      'BEGIN',
      'END',
      'ERROR',
      'END',
      '0x0e',
      '',
    ]);
    expect(result.stderr).toBe('');
  });

  test('all probes begin with BEGIN, END and ERROR', async () => {
    const { stdout } = await trapline(['-l']);
    expect(stdout.startsWith(HEADING)).toBe(true);
    const ids = stdout
      .split('\n')
      .slice(1, -1)
      .map((line) => Number(line.slice(0, 5)));
    expect(ids).toEqual(ids.map((_, i) => i + 1));
    expect(stdout.split('\n').slice(1, 4).join('|')).toMatch(/BEGIN\|.*END\|.*ERROR$/);
  });

  test.each([
    [['-n', 'nosuch'], ':::nosuch'],
    [['-f', 'fight'], '::fight:'],
    [['-m', 'nomod'], ':nomod::'],
    [['-P', 'noprov'], 'noprov:::'],
    [['-n', 'tick-9000hz'], ':::tick-9000hz'],
  ])('%j matches nothing', async (args, shown) => {
    const result = await trapline(['-l', ...args]);
    expect(result.stdout).toBe(HEADING);
    expect(result.stderr).toBe(`trapline: failed to match ${shown}: No probe matches description\n`);
    expect(result.status).toBe(0);
  });

  test('a rate that a description asks for is listed', async () => {
    const { stdout } = await trapline(['-l', '-n', 'tick-7s']);
    expect(stdout).toMatch(/\n +\d+ +profile +tick-7s\n$/);
  });
});

test('-V', async () => {
  const result = await trapline(['-V']);
  expect(result.stdout).toMatch(/^trapline: trapline \d+\.\d+\.\d+ \(D \d+\.\d+\.\d+\)\n$/);
  expect(result.status).toBe(0);
});

test('-e says nothing and runs nothing, also with -S', async () => {
  const program = 'BEGIN { printf("never"); exit(3); }';
  expect(await trapline(['-e', '-n', program])).toMatchObject({ stdout: '', stderr: '', status: 0 });
  const listing = await trapline(['-eS', '-n', program]);
  expect(listing).toMatchObject({ stdout: '', status: 0 });
  expect(listing.stderr).toMatch(/OFF OPCODE +INSTRUCTION\n00: [0-9a-f]{8} +\w+/);
});

test('times print in the time zone of the environment', async () => {
  const program = 'BEGIN { printf("%Y|%T\\n", (int64_t)0, (int64_t)0); exit(0); }';
  const at = async (TZ: string) => (await trapline(['-qn', program], { env: { TZ } })).stdout;
  expect(await at('UTC')).toBe('1970 Jan  1 00:00:00|Thu, 01 Jan 1970 00:00:00 UTC\n\n');
  expect(await at('Europe/Berlin')).toBe('1970 Jan  1 01:00:00|Thu, 01 Jan 1970 01:00:00 CET\n\n');
  expect(await at('America/New_York')).toBe('1969 Dec 31 19:00:00|Wed, 31 Dec 1970 19:00:00 EST\n\n');
});

describe('print() of a pointer', () => {
  const withoutAddresses = (text: string) => text.replace(/0x[0-9a-f]+ =/g, '{ptr} =');
  const STRUCT = 'struct pair { int a; char c; }; this struct pair *p;';
  const FILL = 'this->p = (struct pair *)alloca(sizeof (struct pair)); this->p->a = -7; this->p->c = 0x71;';

  test('in a row the tree begins on a line of its own', async () => {
    const { stdout } = await trapline(['-n', `${STRUCT} BEGIN { ${FILL} print(this->p); exit(0); }`]);
    expect(withoutAddresses(stdout).split('\n').slice(1)).toEqual([
      '  0      1                           :BEGIN {ptr} = *',
      `${' '.repeat(44)}(struct pair) {`,
      `${' '.repeat(48)}.a = (int)-7,`,
      `${' '.repeat(48)}.c = (char)'q',`,
      `${' '.repeat(44)}}`,
      '',
      '',
    ]);
  });

  test('in quiet mode it stands at the margin; the expression is evaluated once', async () => {
    const program = `${STRUCT} BEGIN { ${FILL} n = 0; print(this->p + n++); printf("|%d", n); exit(0); }`;
    const { stdout } = await trapline(['-qn', program]);
    expect(withoutAddresses(stdout)).toBe(
      "{ptr} = *\n(struct pair) {\n    .a = (int)-7,\n    .c = (char)'q',\n}|1\n",
    );
  });

  test('the pointer shown is the pointer given', async () => {
    const program = `${STRUCT} BEGIN { ${FILL} printf("0x%p\\n", this->p); print(this->p); exit(0); }`;
    const [given, shown] = (await trapline(['-qn', program])).stdout.split('\n');
    expect(shown).toBe(`${given} = *`);
  });

  test('of a scalar', async () => {
    const program = 'BEGIN { this->p = (int *)alloca(8); *this->p = 41; print(this->p); exit(0); }';
    const { stdout } = await trapline(['-qn', program]);
    expect(withoutAddresses(stdout)).toBe('{ptr} = *\n(int)41\n');
  });
});

describe('an aggregation that several programs use', () => {
  const run = async (...programs: string[]) =>
    (await trapline(['-q', ...programs.flatMap((program) => ['-n', program])])).stdout;

  test('prints once at the end', async () => {
    expect(await run('BEGIN { @a = count(); }', 'BEGIN { @a = count(); exit(0); }')).toBe(
      '\n                2\n',
    );
  });

  test('does not print at the end when another program printed it', async () => {
    const programs = ['BEGIN { @a[1] = count(); exit(0); }', 'END { printa("%d %@d\\n", @a); }'];
    expect(await run(...programs)).toBe('1 1\n\n');
  });
});

test('a million keys print: work that grew with their square would not end', async () => {
  const inner = Array.from({ length: 250 }, (_, i) => `@[n * 250 + ${i}] = sum(${i});`).join(' ');
  const program = `int n; tick-5000hz { ${inner} n++; } tick-5000hz /n == 4000/ { exit(0); }`;
  const result = await trapline(['-qn', program]);
  expect(result.status).toBe(0);
  const lines = result.stdout.split('\n');
  expect(lines.length).toBe(1_000_002);
  expect(lines.slice(0, 3)).toEqual(['', '        0                0', '      250                0']);
  expect(lines.at(-2)).toBe('   999999              249');
});
