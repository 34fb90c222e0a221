/** Option values: text → value, one case per line (d-language.md 10.1). */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { createOptions, OPTION_ERRORS, OPTIONS, type OptionName } from '../../src/dif/options.ts';

const INVALID = OPTION_ERRORS.value;

describe('values', () => {
  // option, text after '=' (undefined: no '='), value or error
  const cases: readonly (readonly [OptionName, string | undefined, number | string | undefined])[] = [
    ['quiet', undefined, 1],
    ['quiet', 'YES', 1],
    ['quiet', 'enabled', 1],
    ['quiet', 'off', undefined],
    ['quiet', '', undefined],
    ['quiet', '0', undefined],
    ['quiet', '2', 1],
    ['quiet', 'maybe', INVALID],
    ['quiet', '-1', INVALID],
    ['errtags', undefined, 1],
    ['errtags', '1', INVALID],
    ['nspec', undefined, 0],
    ['nspec', '0', 0],
    ['nspec', '0x10', 16],
    ['nspec', '010', 8],
    ['nspec', '08', INVALID],
    ['nspec', '12x', INVALID],
    ['nspec', '4096', 4096],
    ['nspec', '4097', INVALID],
    ['nspec', 'unset', 1],
    ['bufsize', '64k', 65536],
    ['bufsize', '2M', 2097152],
    ['bufsize', '1g', 1073741824],
    ['bufsize', '1t', 1099511627776],
    ['bufsize', '9000t', INVALID],
    ['scratchsize', '1g', 1073741824],
    ['scratchsize', '1073741825', INVALID],
    ['bufsize', '0x100k', 262144],
    ['bufsize', undefined, INVALID],
    ['bufsize', '', INVALID],
    ['bufsize', 'k', INVALID],
    ['bufsize', '4kb', INVALID],
    ['bufsize', '99999999999999999999', INVALID],
    ['switchrate', '10', 10],
    ['switchrate', '10hz', 100000000],
    ['switchrate', '3Hz', 333333333],
    ['switchrate', '0hz', INVALID],
    ['switchrate', '5usec', 5000],
    ['switchrate', '2MIN', 120000000000],
    ['switchrate', '1day', 86400000000000],
    ['switchrate', '1week', INVALID],
    ['switchrate', undefined, INVALID],
    ['bufpolicy', 'switch', 'switch'],
    ['bufpolicy', 'Switch', INVALID],
    ['bufpolicy', 'ring', 'ring'],
    ['bufpolicy', undefined, INVALID],
    ['clock', 'timer:0x20@100hz', 'timer:0x20@100hz'],
    ['clock', '', INVALID],
    ['version', '1.5', '1.5'],
    ['version', '1.13.1', '1.13.1'],
    ['version', '1.13.2', OPTION_ERRORS.versionNew],
    ['version', '2', OPTION_ERRORS.versionNew],
    ['version', '1.x', OPTION_ERRORS.versionForm],
    ['version', '1.4096', OPTION_ERRORS.versionForm],
    ['version', undefined, OPTION_ERRORS.versionForm],
    ['amin', 'Evolving/Evolving/Common', 'Evolving/Evolving/Common'],
    ['cpp', undefined, 1],
    ['setenv', 'A=1', 'A=1'],
    ['setenv', '', INVALID],
    ['zone', 'global', OPTION_ERRORS.later],
  ];
  test.each(cases)('%s=%s → %s', (name, text, expected) => {
    const options = createOptions();
    const refusal = options.set(name, text, 'command');
    expect(refusal ?? options.entries().find((entry) => entry.name === name)?.value).toBe(expected);
  });
});

describe('who may set what', () => {
  const cases = [
    ['nosuch', 'command', OPTION_ERRORS.name],
    ['toString', 'command', OPTION_ERRORS.name],
    ['quiet', 'command', undefined],
    ['quiet', 'pragma', undefined],
    ['quiet', 'setopt', undefined],
    ['destructive', 'pragma', undefined],
    ['destructive', 'setopt', OPTION_ERRORS.active],
    ['errtags', 'setopt', OPTION_ERRORS.active],
    ['nosuch', 'setopt', OPTION_ERRORS.name],
    ['cpphdrs', 'pragma', OPTION_ERRORS.context],
  ] as const;
  test.each(cases)('%s from %s → %s', (name, origin, expected) => {
    expect(createOptions().set(name, undefined, origin)).toBe(expected);
  });
});

describe('precedence', () => {
  test('a pragma overrides -x, and setopt() overrides both', () => {
    const options = createOptions();
    options.set('switchrate', '1sec', 'command');
    options.set('switchrate', '2sec', 'pragma');
    expect(options.number('switchrate')).toBe(2e9);
    options.set('switchrate', '3sec', 'setopt');
    expect(options.number('switchrate')).toBe(3e9);
  });

  test('a refused setting changes nothing', () => {
    const options = createOptions();
    options.set('strsize', '64', 'command');
    expect(options.set('strsize', 'many', 'pragma')).toBe(INVALID);
    expect(options.number('strsize')).toBe(64);
  });

  test('unsetting goes back to the default', () => {
    const options = createOptions();
    options.set('nspec', '9', 'command');
    expect(options.isExplicit('nspec')).toBe(true);
    options.set('nspec', 'no', 'command');
    expect([options.isExplicit('nspec'), options.number('nspec')]).toEqual([false, 1]);
  });

  test('an option that repeats keeps every text in order', () => {
    const options = createOptions();
    options.set('define', 'a', 'command');
    options.set('define', 'b', 'command');
    expect(options.texts('define')).toEqual(['a', 'b']);
    expect(options.text('define')).toBe('b');
  });
});

describe('the table', () => {
  const rows = createOptions().entries();
  test.each(rows.map((row) => [row.name, row.def] as const))('%s', (name, def) => {
    expect(def.doc).toMatch(/^[a-z].*[^.]$/);
    expect(def.kind === 'enum').toBe(def.choices !== undefined);
    // The example is a setting of this very option, and it works unless the row says otherwise.
    const match = /^-x (\w+)(?:=(.+))?$/.exec(def.example);
    expect(match?.[1]).toBe(name);
    const refusal = createOptions().set(name, match?.[2], 'command');
    expect(refusal).toBe(def.scope === 'later' ? OPTION_ERRORS.later : undefined);
  });

  test('defaults that a D program can notice', () => {
    const options = createOptions();
    const numbers = ['strsize', 'nspec', 'stackframes', 'stackindent', 'dynvarsize'].map((n) =>
      options.number(n),
    );
    expect(numbers).toEqual([256, 1, 20, 14, 1048576]);
    expect(options.text('bufpolicy')).toBe('switch');
    expect(Object.keys(OPTIONS).filter((name) => options.flag(name))).toEqual([]);
  });

  test('an option that has an effect is read by somebody', () => {
    const folder = fileURLToPath(new URL('../../src/', import.meta.url));
    const source = readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts') && !name.startsWith('dif/option'))
      .map((name) => readFileSync(folder + name, 'utf8'))
      .join('\n');
    const isRead = (name: string) =>
      new RegExp(`\\b(flag|number|text|texts|takenSize)\\(\\s*(options,\\s*)?'${name}'`).test(source);
    const unread = rows.filter((row) => row.def.scope === 'here' && !isRead(row.name)).map((row) => row.name);
    // TODO(when the session hands them to the checker, which takes them): expect none.
    expect(unread.filter((name) => !/^[ju]?stackframes$/.test(name))).toEqual([]);
  });

  test('asking for an option that is not in the table is a bug of ours', () => {
    expect(() => createOptions().flag('nosuch')).toThrow(/no option is called nosuch/);
  });
});
