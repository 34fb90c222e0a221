/** The built command line as a process: statuses, streams, signals, the control socket. */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { TOP, trapline } from '../../support/cli.ts';
import { scratchFolder } from '../../support/sources-lab.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'trapline-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Runs until it has printed this on standard output or error; then `act` is called, once. */
function whenPrinted(text: string, act: (child: ReturnType<typeof spawn>) => void) {
  return (child: ReturnType<typeof spawn>) => {
    let seen = '';
    let done = false;
    const look = (chunk: Buffer) => {
      seen += chunk.toString('latin1');
      if (done || !seen.includes(text)) return;
      done = true;
      act(child);
    };
    child.stdout?.on('data', look);
    child.stderr?.on('data', look);
  };
}

describe('commands of -c', () => {
  const PID = /pid \d+/g;
  test.each<[string, string[], number, string, string]>([
    [
      'runs after BEGIN and ends tracing',
      ['-c', 'echo a  b', '-n', 'BEGIN { trace($target != 0); } END { }'],
      0,
      'CPU     ID                    FUNCTION:NAME\n  0      1                           :BEGIN            1\na b\n  0      2                             :END \n\n',
      "trapline: description 'BEGIN ' matched 2 probes\ntrapline: pid N has exited\n",
    ],
    [
      'its status is told and is not ours',
      ['-c', 'false', '-xquiet=no', '-n', 'END { }'],
      0,
      'CPU     ID                    FUNCTION:NAME\n  0      2                             :END \n\n',
      "trapline: description 'END ' matched 1 probe\ntrapline: pid N exited with status 1\n",
    ],
    ['nothing is told in quiet', ['-qc', 'false', '-n', 'END { exit(4); }'], 4, '\n', ''],
    ['exit() ends it', ['-c', 'sleep 60', '-qn', 'tick-50hz { exit(5); }'], 5, '\n', ''],
    ['after exit() in BEGIN it never runs', ['-c', 'echo no', '-qn', 'BEGIN { exit(0); }'], 0, '\n', ''],
    ['it does not run for -e', ['-ec', 'echo no', '-qn', 'BEGIN { trace($target); }'], 0, '', ''],
    [
      'the last of several ends tracing',
      ['-c', 'sleep 0.2', '-c', 'echo yes', '-qn', 'END { printf("end"); }'],
      0,
      'yes\nend\n',
      '',
    ],
    [
      'its environment can be changed',
      [
        ...['-x', 'setenv=A=1=2', '-x', 'setenv=B=', '-x', 'unsetenv=PATH'],
        ...['-c', '/usr/bin/printenv A B PATH', '-qn', 'BEGIN { }'],
      ],
      0,
      '1=2\n\n\n',
      '',
    ],
    [
      'there is none of that name',
      ['-c', 'no-such-command a', '-n', 'END { }'],
      1,
      '',
      'trapline: failed to execute no-such-command: No such file or directory\n',
    ],
    [
      'it cannot be executed',
      ['-c', '/etc/passwd', '-n', 'END { }'],
      1,
      '',
      'trapline: failed to execute /etc/passwd: Permission denied\n',
    ],
    ['-p wants a number', ['-p', '12x', '-n', 'END { }'], 1, '', 'trapline: invalid pid: 12x\n'],
  ])('%s', async (_, args, status, stdout, stderr) => {
    const result = await trapline(args);
    expect({ ...result, stderr: result.stderr.replace(PID, 'pid N') }).toEqual({
      status,
      signal: null,
      stdout,
      stderr,
    });
  });
});

describe('statuses', () => {
  test.each<[string, string[], number, string, string]>([
    ["a script's own", ['-qn', 'BEGIN { exit(7); }'], 7, '\n', ''],
    ['version', ['-V'], 0, 'trapline: trapline 0.1.0 (D 1.13.1)\n', ''],
    [
      'unknown switch',
      ['-y'],
      2,
      '',
      "trapline: unknown option '-y'\n  hint: trapline --help lists the switches\n",
    ],
    [
      'no such script',
      ['-s', 'none.d'],
      1,
      '',
      'trapline: failed to open none.d: No such file or directory\n',
    ],
    [
      'no such topic',
      ['help', 'strlne'],
      1,
      '',
      'trapline: no help for strlne\n  hint: did you mean strlen?\n',
    ],
  ])('%s', async (_, args, status, stdout, stderr) => {
    expect(await trapline(args)).toEqual({ status, signal: null, stdout, stderr });
  });

  test('a trace that is not there', async () => {
    const result = await trapline(['-qn', 'BEGIN { exit(0); }', '-t', 'none.log']);
    expect(result).toMatchObject({ status: 1, stdout: '' });
    expect(result.stderr).toMatch(/^trapline: failed to open none\.log: No such file or directory\n$/);
  });

  test('a trace that cannot even be looked at', async () => {
    const name = 'a'.repeat(300);
    const message = `trapline: failed to open ${name}: File name too long\n`;
    for (const args of [
      ['-qn', 'BEGIN { exit(0); }', '-t', name],
      ['report', name],
      ['explain', name],
    ]) {
      expect(await trapline(args)).toMatchObject({ status: 1, stdout: '', stderr: message });
    }
  });

  test('a log of another architecture: one message, though no line of it is known', async () => {
    const scratch = scratchFolder();
    const log = scratch.write('mips.log', 'mips_cpu_do_interrupt enter: PC 80100000 EPC 00000000\n');
    const result = await trapline(['-qn', 'vec::: { @ = count(); }', '-t', log]);
    scratch.remove();
    expect(result).toMatchObject({ status: 1, stdout: '\n' });
    expect(result.stderr).toBe(
      `trapline: no QEMU interrupt records found in ${log}: it is the log of a MIPS guest, and only x86, Arm and RISC-V logs are replayed yet\n`,
    );
  });

  test('no argument at all prints the usage', async () => {
    const result = await trapline([]);
    expect(result).toMatchObject({ status: 2, stdout: '' });
    expect(result.stderr).toMatch(/^Usage: trapline /);
  });

  test('a compile error points at its place', async () => {
    const result = await trapline(['-x', 'errtags', '-n', 'BEGIN { trace(nosuch); }']);
    expect(result).toMatchObject({ status: 1, stdout: '' });
    expect(result.stderr).toMatch(
      /^trapline: invalid probe specifier BEGIN { trace\(nosuch\); }: \[D_IDENT_UNDEF\] in action list: failed to resolve nosuch: .*\n {4}1 \| BEGIN { trace\(nosuch\); }\n {6}\| {15}\^~~~~~\n/,
    );
  });
});

describe('scripts', () => {
  test('from standard input, with arguments', async () => {
    const result = await trapline(['-qs', '/dev/stdin', '42', 'word'], {
      stdin: 'BEGIN { printf("%d %s\\n", $1, $$2); exit(0); }',
    });
    expect(result).toMatchObject({ status: 0, stdout: '42 word\n\n', stderr: '' });
  });

  test('started by their first line', async () => {
    const path = join(folder, 'hello.d');
    writeFileSync(
      path,
      `#!/usr/bin/env -S ${process.execPath} ${TOP}/dist/trapline.js -qs\nBEGIN { trace($$1); exit(0); }\n`,
      {
        mode: 0o755,
      },
    );
    const result = await run(path, ['you']);
    expect(result).toEqual({ status: 0, stdout: 'you\n', stderr: '' });
  });
});

/** A command other than trapline's own entry. */
function run(
  command: string,
  args: readonly string[],
): Promise<{ status: number | null; stdout: string; stderr: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args);
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (chunk) => {
      stdout += chunk;
    });
    child.stderr.on('data', (chunk) => {
      stderr += chunk;
    });
    child.on('error', reject);
    child.on('close', (status) => resolve({ status, stdout, stderr }));
  });
}

describe('output', () => {
  test('-o appends data and leaves messages on standard error', async () => {
    const path = join(folder, 'out');
    for (const word of ['one', 'two'])
      await trapline(['-q', '-o', path, '-n', `BEGIN { printf("${word}"); exit(0); }`]);
    expect(readFileSync(path, 'utf8')).toBe('one\ntwo\n');
  });

  test.skipIf(!existsSync('/dev/full'))('a full disk is one message', async () => {
    const result = await trapline(['-q', '-o', '/dev/full', '-n', 'BEGIN { printf("x\\n"); exit(0); }']);
    expect(result).toMatchObject({
      status: 1,
      stderr: 'trapline: failed to write /dev/full: No space left on device\n',
    });
  });

  test('a reader that leaves early ends the run quietly', async () => {
    const command = `"$0" "$1" -qn 'tick-5000hz { printf("a line to fill the pipe with %d\\n", i++); }' | head -n 1`;
    const result = await run('/bin/sh', ['-c', command, process.execPath, `${TOP}/dist/trapline.js`]);
    expect(result).toEqual({ status: 0, stdout: 'a line to fill the pipe with 0\n', stderr: '' });
  });
});

describe('while running', () => {
  const TICKS =
    'BEGIN { printf("go\\n"); } tick-50hz { n++; } END { printf("end\\n"); @["kept"] = count(); }';

  test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    '%s ends in order and prints what was collected',
    async (signal) => {
      const result = await trapline(['-qn', TICKS], {
        whileRunning: whenPrinted('go', (child) => child.kill(signal)),
      });
      expect(result).toMatchObject({ status: 0, signal: null, stderr: '' });
      expect(result.stdout).toMatch(/^go\n\nend\n/);
      expect(result.stdout).toContain('kept');
    },
  );

  test('SIGUSR1 turns safe mode off and on', async () => {
    const changes =
      'BEGIN { printf("go\\n"); } tick-50hz { n++; } trapline:::safe { printf("safe %d\\n", arg0); } trapline:::safe /arg0 == 1/ { exit(5); }';
    const result = await trapline(['-qn', changes], {
      whileRunning: (child) => {
        whenPrinted('go', () => child.kill('SIGUSR1'))(child);
        whenPrinted('safe 0', () => child.kill('SIGUSR1'))(child);
      },
    });
    expect(result.status).toBe(5);
    expect(result.stdout).toMatch(/^go\nsafe 0\nsafe 1\n/);
    expect(result.stderr).toMatch(/^trapline: safe mode is off.*\ntrapline: safe mode is on.*\n$/);
  });

  test('a control socket answers, toggles, and goes away', async () => {
    const path = join(folder, 'sock');
    const answers: string[] = [];
    const result = await trapline(['-qn', TICKS, '--control', path], {
      whileRunning: whenPrinted('go', async (child) => {
        for (const request of ['status', 'unsafe on', 'unsafe off']) {
          answers.push((await trapline(['ctl', path, ...request.split(' ')])).stdout);
        }
        child.kill('SIGINT');
      }),
    });
    expect(answers.map((answer) => answer.split(',')[0])).toEqual([
      'safe mode on',
      'safe mode off',
      'safe mode on',
    ]);
    expect(result.status).toBe(0);
    expect(existsSync(path)).toBe(false);
    expect(await trapline(['ctl', path, 'status'])).toMatchObject({
      status: 1,
      stderr: `trapline: control socket ${path}: No such file or directory; was the session started with --control?\n`,
    });
  });
});
