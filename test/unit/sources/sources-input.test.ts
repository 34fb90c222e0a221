/**
 * Where the bytes come from makes no difference, and what cannot be read ends in one clear diagnostic, after everything
 * that could be read.
 */
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import zlib from 'node:zlib';
import { afterAll, describe, expect, test } from 'vitest';
import {
  comparable,
  type LabOptions,
  type Outcome,
  replay,
  scratchFolder,
  traceBytes,
  tracePath,
} from '../../support/sources-lab.ts';

const scratch = scratchFolder();
afterAll(scratch.remove);

const TINY = traceBytes('tiny32-gp-np-df');
const SMALL = traceBytes('linux-x86_64-boot-small');
const beside = (name: string): string => path.join(import.meta.dirname, name);

/** Replay what a child process writes to a pipe, as standard input. */
async function throughPipe(script: string, options: LabOptions = {}): Promise<Outcome> {
  const folder = fs.mkdtempSync(path.join(import.meta.dirname, '.fifo-'));
  const fifo = path.join(folder, 'pipe');
  try {
    await new Promise((resolve) => spawn('mkfifo', [fifo]).on('close', resolve));
    const writer = spawn('sh', ['-c', `{ ${script}; } > "$0"`, fifo], { stdio: 'ignore' });
    const fd = await new Promise<number>((resolve, reject) => {
      fs.open(fifo, 'r', (error, opened) => (error === null ? resolve(opened) : reject(error)));
    });
    const outcome = await replay(['-'], { ...options, stdin: fd });
    writer.kill();
    return outcome;
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
}

describe('the same log', () => {
  test.each(['.xz', '.zst'])('packed as %s', async (suffix) => {
    const plain = await replay([scratch.write('tiny.log', TINY)]);
    const packed = await replay([beside(`tiny32-gp-np-df.log${suffix}`)]);
    expect(comparable({ ...packed, ledger: plain.ledger })).toEqual(comparable(plain));
    expect(packed.ledger.totalBytes).toBe(TINY.length);
  });

  test('packed with gzip, whatever its name says', async () => {
    const plain = await replay([scratch.write('small.log', SMALL)]);
    const packed = await replay([scratch.write('misleading.xz', zlib.gzipSync(SMALL))]);
    expect(packed.digest).toBe(plain.digest);
    expect(packed.ledger).toEqual(plain.ledger);
  });

  test('a plain log with a packed name', async () => {
    const outcome = await replay([scratch.write('plain.log.gz', TINY)]);
    expect(outcome.vectors).toEqual({ '08': 1, '0d': 1 });
  });

  test('two gzip members, one behind the other', async () => {
    const file = scratch.write('two.gz', Buffer.concat([zlib.gzipSync(TINY), zlib.gzipSync(TINY)]));
    expect((await replay([file])).vectors).toEqual({ '08': 2, '0d': 2 });
  });

  test('standard input that is a file, read from where it stands', async () => {
    const file = scratch.write('small.log', SMALL);
    const fd = fs.openSync(file, 'r');
    const outcome = await replay(['-'], { stdin: fd });
    fs.closeSync(fd);
    expect(outcome.digest).toBe((await replay([file])).digest);
  });

  test('standard input that is a pipe, plain and packed', async () => {
    const file = scratch.write('small.log', SMALL);
    const plain = await replay([file]);
    expect((await throughPipe(`cat "${file}"`)).digest).toBe(plain.digest);
    expect((await throughPipe(`cat "${tracePath('linux-x86_64-boot-small')}"`)).digest).toBe(plain.digest);
  });

  test('a pipe that delivers half lines and pauses', async () => {
    const file = scratch.write('tiny.log', TINY);
    const halves = `head -c 21000 "${file}"; sleep 0.05; tail -c +21001 "${file}"`;
    expect((await throughPipe(halves)).digest).toBe((await replay([file])).digest);
  });

  test('a named pipe given as a path', async () => {
    const folder = fs.mkdtempSync(path.join(import.meta.dirname, '.fifo-'));
    const fifo = path.join(folder, 'qemu.log');
    await new Promise((resolve) => spawn('mkfifo', [fifo]).on('close', resolve));
    spawn('sh', ['-c', 'cat "$0" > "$1"', scratch.write('tiny.log', TINY), fifo], { stdio: 'ignore' });
    const outcome = await replay([fifo]);
    fs.rmSync(folder, { recursive: true });
    expect(outcome.vectors).toEqual({ '08': 1, '0d': 1 });
  });

  test('with CRLF line ends', async () => {
    const crlf = scratch.write('crlf.log', SMALL.toString('latin1').replaceAll('\n', '\r\n'));
    const plain = await replay([scratch.write('small.log', SMALL)], { registers: true });
    for (const scan of ['fast', 'careful'] as const) {
      const outcome = await replay([crlf], { scan, registers: true });
      expect(outcome.digest).toBe(plain.digest);
      expect(outcome.ledger.losses).toEqual({});
    }
  });

  test('without its last newline', async () => {
    const whole = scratch.write('whole.log', TINY);
    const cut = scratch.write('cut.log', TINY.subarray(0, TINY.length - 1));
    const outcome = await replay([cut]);
    expect(outcome.digest).toBe((await replay([whole])).digest);
    expect(outcome.ledger.losses).toEqual({});
  });
});

/** The message and, when the events before the trouble matter, how many interrupt records there were. */
async function complaint(
  paths: readonly string[],
  options: LabOptions = {},
): Promise<[string, string | undefined, number]> {
  const { diagnostic, ledger, kinds } = await replay(paths, options);
  expect(ledger.accountedBytes).toBe(ledger.totalBytes);
  return [diagnostic?.message ?? 'no complaint', diagnostic?.hint, kinds['vec'] ?? 0];
}

describe('what cannot be replayed', () => {
  test('a missing file', async () => {
    expect(await complaint(['no-such.log'])).toEqual([
      'failed to open no-such.log: No such file or directory',
      undefined,
      0,
    ]);
  });

  test('a directory', async () => {
    const [message, hint] = await complaint([import.meta.dirname]);
    expect(message).toBe(`failed to open ${import.meta.dirname}: Is a directory`);
    expect(hint).toContain('name the log file in it');
  });

  test.skipIf(process.getuid?.() === 0)('a file without permission', async () => {
    const file = scratch.write('secret.log', TINY);
    fs.chmodSync(file, 0);
    expect((await complaint([file]))[0]).toBe(`failed to open ${file}: Permission denied`);
  });

  test('an empty file, a closed pipe', async () => {
    const file = scratch.write('empty.log', '');
    expect((await complaint([file]))[0]).toBe(`${file} is empty`);
    const fd = fs.openSync('/dev/null', 'r');
    expect((await complaint(['-'], { stdin: fd }))[0]).toBe('standard input is empty');
    fs.closeSync(fd);
  });

  test('standard input twice', async () => {
    expect((await complaint(['-', '-']))[0]).toBe('standard input can be replayed only once');
  });

  test('one bad file among good ones is refused before anything runs', async () => {
    const outcome = await replay([scratch.write('tiny.log', TINY), 'no-such.log']);
    expect(outcome.diagnostic?.tag).toBe('U_TRACE_OPEN');
    expect(outcome.kinds).toEqual({});
  });

  const HINT = 'was QEMU run with -d int?';
  test.each([
    [
      'binary rubbish',
      Buffer.from(Array.from({ length: 5000 }, (_, i) => (i * 151 + (i >> 3)) & 255)),
      ': it looks like binary data',
      HINT,
    ],
    ['NUL bytes', Buffer.alloc(100_000), ': it looks like binary data', HINT],
    ['text', Buffer.from('hello\nworld\n'), '', HINT],
    ['one long line', Buffer.from('word '.repeat(50_000)), ': its lines are too long for a QEMU log', HINT],
    [
      'a MIPS log',
      Buffer.from('mips_cpu_do_interrupt enter: PC 80100000 EPC 00000000 TLB load exception\n'.repeat(9)),
      ': it is the log of a MIPS guest, and only x86, Arm and RISC-V logs are replayed yet',
      '',
    ],
  ])('%s', async (name, bytes, looks, hint) => {
    const file = scratch.write(`${name}.log`, bytes);
    expect(await complaint([file])).toEqual([`no QEMU interrupt records found in ${file}${looks}`, hint, 0]);
  });

  test('formats that need another program', async () => {
    const file = scratch.write('log.bz2', 'BZh91AY&SY');
    const [message, hint] = await complaint([file]);
    expect(message).toBe(`${file} is packed with bzip2, which trapline does not read`);
    expect(hint).toBe(`bzcat ${file} | trapline -t - …`);
  });

  test('a gzip file that ends early: what is there is replayed first', async () => {
    const packed = fs.readFileSync(tracePath('linux-x86_64-boot-small'));
    const file = scratch.write('cut.gz', packed.subarray(0, 150_000));
    const [message, hint, records] = await complaint([file]);
    expect(message).toBe(`${file}: gzip data ends early, at byte 150000`);
    expect(hint).toBe('what came before that place was replayed');
    expect(records).toBe(2195); // as many whole headers as `gzip -dc` gives;
  });

  test('a gzip file with a wrong byte', async () => {
    const packed = Buffer.from(fs.readFileSync(tracePath('linux-x86_64-boot-small')));
    packed.fill(0xff, 100_000, 100_010);
    const file = scratch.write('wrong.gz', packed);
    const [message, , records] = await complaint([file]);
    expect(message).toMatch(/gzip data is damaged before byte \d+ \(.+\)$/);
    expect(records).toBe(1518); // the whole headers in front of the wrong bytes
  });

  test('a gzip file with something else behind it: all of it is replayed', async () => {
    const packed = fs.readFileSync(tracePath('linux-x86_64-boot-small'));
    const file = scratch.write('tail.gz', Buffer.concat([packed, Buffer.from('and so on\n')]));
    const [message, , records] = await complaint([file]);
    expect(message).toMatch(/gzip data is damaged before byte \d+ \(incorrect header check\)$/);
    expect(records).toBe(3182);
  });

  test.each(['.xz', '.zst'])('a %s file that ends early', async (suffix) => {
    const packed = fs.readFileSync(beside(`tiny32-gp-np-df.log${suffix}`));
    const file = scratch.write(`cut.log${suffix}`, packed.subarray(0, packed.length - 60));
    const format = suffix === '.xz' ? 'xz' : 'zstd';
    expect((await complaint([file]))[0]).toBe(
      `${file}: ${format} data ends early, at byte ${packed.length - 60}`,
    );
  });

  test('trouble in the first of two files does not keep the second from being replayed', async () => {
    const bad = scratch.write('text.log', 'hello\n');
    const [message, , records] = await complaint([bad, scratch.write('tiny.log', TINY)]);
    expect(message).toBe(`no QEMU interrupt records found in ${bad}`);
    expect(records).toBe(2);
  });
});

describe('size', () => {
  test('a line of 200 MB without a newline is passed over in bounded memory', async () => {
    const file = scratch.write('long.log', '');
    const fd = fs.openSync(file, 'w');
    const block = Buffer.alloc(1 << 20, 'x');
    fs.writeSync(fd, TINY);
    for (let i = 0; i < 200; i++) fs.writeSync(fd, block);
    fs.writeSync(fd, '\n');
    fs.writeSync(fd, TINY);
    fs.closeSync(fd);
    const before = process.memoryUsage().rss;
    const outcome = await replay([file]);
    expect(process.memoryUsage().rss - before).toBeLessThan(64 << 20);
    expect(outcome.vectors).toEqual({ '08': 2, '0d': 2 });
    const { unknown } = outcome.ledger.losses;
    expect(unknown).toMatchObject({ count: 1, bytes: (200 << 20) + 1 });
    expect(unknown!.first!.line).toBe(TINY.toString('latin1').split('\n').length);
  });

  test('records beyond 4 GiB are found, with their registers and lines', async () => {
    const file = scratch.write('sparse.log', TINY);
    const far = 2 ** 32 + 12345;
    const fd = fs.openSync(file, 'r+');
    fs.ftruncateSync(fd, far);
    fs.writeSync(fd, Buffer.concat([Buffer.from('\n'), TINY]), 0, TINY.length + 1, far);
    fs.closeSync(fd);
    const { rows, ledger } = await replay([file], { rows: true, registers: true });
    fs.rmSync(file);
    const half = rows.length / 2;
    const lines = TINY.toString('latin1').split('\n').length - 1;
    expect(ledger.totalBytes).toBe(far + 1 + TINY.length);
    expect(ledger.accountedBytes).toBe(ledger.totalBytes);
    expect(rows.slice(half).map(({ line, seq, ...rest }) => rest)).toEqual(
      rows.slice(0, half).map(({ line, seq, ...rest }) => rest),
    );
    expect(rows.at(-1)!.line).toBe(rows[half - 1]!.line + lines + 1);
  });
});
