/** argv → what was asked for, one command line per case (d-language.md 10.3). */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { type CommandLine, parseArgv } from '../../src/cli/command-line.ts';
import { SWITCHES, spelling } from '../../src/cli/switches.ts';
import { VERSION } from '../../src/cli/version.ts';
import { OPTIONS, optionDef } from '../../src/dif/options.ts';

function line(...argv: string[]): CommandLine {
  const parsed = parseArgv(argv);
  if (parsed.kind !== 'trace') throw new Error(JSON.stringify(parsed));
  return parsed.line;
}

function error(...argv: string[]): string {
  const parsed = parseArgv(argv);
  if (parsed.kind !== 'error') throw new Error(JSON.stringify(parsed));
  const { message, hint } = parsed.diagnostic;
  return `${parsed.status}: ${message}${hint ? ` | ${hint}` : ''}`;
}

/** The options that were set, as name=value. */
function settings({ options }: CommandLine): string[] {
  return options
    .entries()
    .filter((entry) => entry.explicit)
    .map((entry) => `${entry.name}=${entry.value}`);
}

describe('programs and operands', () => {
  test('single letters combine with the program behind them', () => {
    const parsed = line('-qwn', 'BEGIN { exit(0); }');
    expect(parsed.programs).toEqual([{ kind: 'name', argument: 'BEGIN { exit(0); }' }]);
    expect(settings(parsed)).toEqual(['destructive=1', 'quiet=1']);
  });

  test('an argument may be glued to its letter', () => {
    expect(line('-nBEGIN', '-b64k').programs).toEqual([{ kind: 'name', argument: 'BEGIN' }]);
    expect(settings(line('-qxstrsize=9', '-nBEGIN'))).toEqual(['strsize=9', 'quiet=1']);
  });

  test('programs of all kinds keep their order', () => {
    const { programs } = line(
      '-f',
      'f',
      '-s',
      'a.d',
      '-P',
      'vec',
      '-n',
      'n',
      '-i',
      '3',
      '-m',
      'm',
      '-s',
      'b.d',
    );
    expect(programs.map((program) => `${program.kind} ${program.argument}`)).toEqual([
      ...['function f', 'script a.d', 'provider vec', 'name n', 'id 3', 'module m', 'script b.d'],
    ]);
  });

  test('a script with its arguments, as #! lines pass them', () => {
    const parsed = line('-qs', './x.d', 'one', '-5', '-F', '--', '-q', '-s');
    expect(parsed.operands).toEqual(['one', '-5', '-q', '-s']);
    expect(settings(parsed)).toEqual(['flowindent=1', 'quiet=1']);
  });

  test('an argument that looks like a switch is an argument', () => {
    expect(line('-i', '-3').programs).toEqual([{ kind: 'id', argument: '-3' }]);
    expect(line('-n', '-q').programs).toEqual([{ kind: 'name', argument: '-q' }]);
    expect(line('-n', '').programs).toEqual([{ kind: 'name', argument: '' }]);
  });

  test('the 64-bit data model is the one there is', () => {
    expect(line('-64', '-n', 'x', '--', '-64').operands).toEqual(['-64']);
  });
});

describe('switches', () => {
  test.each<[string[], Partial<CommandLine>]>([
    [['-l'], { mode: 'list' }],
    [['-e', '-n', 'x'], { mode: 'compile' }],
    [['-V'], { mode: 'version' }],
    [['--help'], { mode: 'help' }],
    [['-S', '-v', '-n', 'x'], { disassemble: true, verbose: true }],
    [['-o', 'out', '-n', 'x'], { outputPath: 'out' }],
    [['--control', 'sock', '-n', 'x'], { controlPath: 'sock' }],
    [['-t', 'a', '--trace', 'b', '--trace=c', '-n', 'x'], { traces: ['a', 'b', 'c'] }],
    [['--no-progress', '-n', 'x'], { progress: false }],
    [['--color', '-n', 'x'], { color: true }],
    [['--no-color', '-n', 'x'], { color: false }],
    [['--format', 'text', '-n', 'x'], { mode: 'run' }],
  ])('%j', (argv, expected) => {
    expect(line(...argv)).toMatchObject(expected);
  });

  test.each([
    [['-b', '8k'], 'bufsize=8192'],
    [['-F'], 'flowindent=1'],
    [['-w'], 'destructive=1'],
    [['-Z'], 'zdefs=1'],
    [['--unsafe'], 'unsafe=1'],
    [['-x', 'clock=timer:0x20@100hz'], 'clock=timer:0x20@100hz'],
    [['-x', 'define=A=B'], 'define=A=B'],
    [['-D', 'A=1', '-U', 'B', '-I', 'inc'], 'define=A=1 undef=B incdir=inc'],
    [['-X', 'c'], 'stdc=c'],
    [['-x', 'quiet', '-x', 'quiet=no'], ''],
  ])('%j sets %s', (argv, expected) => {
    expect(settings(line(...argv, '-n', 'x')).join(' ')).toBe(expected);
  });
});

describe('mistakes', () => {
  test.each([
    [['-y'], "2: unknown option '-y' | trapline --help lists the switches"],
    [['--trcae', 'x'], "2: unknown option '--trcae' | did you mean --trace?"],
    [['-qn'], "2: option '-n' argument missing | trapline --help lists the switches"],
    [['-q'], /^1: no probes specified \| give a program/],
    [['-e'], /^1: no probes specified/],
    [['slow.d'], '1: no probes specified | to run a script: trapline -s slow.d'],
    [
      ['-x', 'nosuch', '-n', 'x'],
      "1: failed to set -x nosuch: Invalid option name | 'trapline help options' lists them",
    ],
    [
      ['-x', 'bufsiz=1', '-n', 'x'],
      '1: failed to set -x bufsiz: Invalid option name | did you mean bufsize?',
    ],
    [
      ['-x', 'nspec=no such', '-n', 'x'],
      /^1: failed to set -x nspec: Invalid value for specified option \| for example: /,
    ],
    [['-b', '4q', '-n', 'x'], '1: failed to set -b 4q: Invalid value for specified option'],
    [['-X', 'q', '-n', 'x'], '1: failed to set -X q: Invalid value for specified option'],
    [['-lV'], '2: only one of the [-AGhlV] options can be specified at a time'],
    [['-G', '-A'], '2: only one of the [-AGhlV] options can be specified at a time'],
    [['-s', '-', '-t', '/dev/stdin'], '2: standard input can be read only once | name a file for the other'],
    [['ctl'], '2: usage: trapline ctl PATH unsafe on|off|status'],
    [['ctl', 'sock', 'unsafe', 'maybe'], '2: usage: trapline ctl PATH unsafe on|off|status'],
    [['probes'], "2: usage: trapline probes --machine IMAGE [-n 'fbt::FUNCTION:']..."],
  ])('%j', (argv, expected) => {
    if (typeof expected === 'string') expect(error(...argv)).toBe(expected);
    else expect(error(...argv)).toMatch(expected);
  });

  test.each(SWITCHES.filter((def) => def.does.kind === 'later').map((def) => [spelling(def), def] as const))(
    '%s is not there yet',
    (_, def) => {
      const name = def.short ? `-${def.short}` : `--${def.long}`;
      expect(error(name, ...(def.argument ? ['x'] : []), '-n', 'x')).toMatch(
        /^2: --?\w+ \(.*\) is not in this version yet \| /,
      );
    },
  );

  test('only text can be written so far', () => {
    expect(error('--format', 'json', '-n', 'x')).toBe(
      '2: --format json is not in this version yet | text is the only format so far',
    );
  });
});

describe('first words', () => {
  test.each([
    [[], { kind: 'usage' }],
    [['help', 'strlen'], { kind: 'help', topics: ['strlen'] }],
    [['ctl', 'p', 'unsafe', 'on'], { kind: 'ctl', path: 'p', request: 'unsafe on' }],
    [['ctl', 'p', 'status'], { kind: 'ctl', path: 'p', request: 'status' }],
  ])('%j', (argv, expected) => {
    expect(parseArgv(argv)).toEqual(expected);
  });

  test('elsewhere they are operands', () => {
    expect(line('-n', 'x', 'help', 'ctl').operands).toEqual(['help', 'ctl']);
  });
});

describe('the tables', () => {
  test('no two switches share a name', () => {
    const names = SWITCHES.flatMap((def) => [def.short, def.long]).filter((name) => name !== undefined);
    expect(new Set(names).size).toBe(names.length);
  });

  test('a switch that sets an option is named in its row, and the other way round', () => {
    for (const def of SWITCHES) {
      if (def.does.kind !== 'option') continue;
      expect(optionDef(def.does.option).short).toBe(def.short ? `-${def.short}` : `--${def.long}`);
    }
    for (const [name, row] of Object.entries(OPTIONS)) {
      if (!('short' in row)) continue;
      expect(
        SWITCHES.map((def) => (def.short ? `-${def.short}` : `--${def.long}`)),
        name,
      ).toContain(row.short);
    }
  });

  test('the version is that of the package', () => {
    const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
    expect(JSON.parse(text).version).toBe(VERSION);
  });
});

describe('DTRACE_OPT_*', () => {
  const fields = (environment: Record<string, string>, ...argv: string[]) => {
    const parsed = parseArgv([...argv, '-n', 'BEGIN'], environment);
    if (parsed.kind === 'error') return parsed.diagnostic.message;
    if (parsed.kind !== 'trace') throw new Error(parsed.kind);
    const { options } = parsed.line;
    return `${options.number('strsize')} ${options.flag('quiet')} ${options.texts('define')}`;
  };

  test.each([
    [{}, [], '256 false '],
    [{ DTRACE_OPT_STRSIZE: '1k', DTRACE_OPT_QUIET: '' }, [], '1024 true '],
    [{ DTRACE_OPT_STRSIZE: '1k' }, ['-x', 'strsize=5'], '5 false '],
    [{ DTRACE_OPT_DEFINE: 'A=1' }, ['-D', 'B'], '256 false A=1,B'],
    [{ OPT_QUIET: '', dtrace_opt_quiet: '' }, [], '256 false '],
    [
      { DTRACE_OPT_STRSIZE: 'x' },
      [],
      'failed to set DTRACE_OPT_STRSIZE=x: Invalid value for specified option',
    ],
    [{ DTRACE_OPT_NOSUCH: '' }, [], 'failed to set DTRACE_OPT_NOSUCH: Invalid option name'],
  ])('%j %j → %s', (environment, argv, expected) => {
    expect(fields(environment as Record<string, string>, ...argv)).toBe(expected);
  });
});
