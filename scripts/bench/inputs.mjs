/**
 * The logs that the benchmark runs over: the bundled captures, repeated until a size is reached, and two made-up ones.
 *
 * Each kind is a stream of blocks without end, always the same bytes; `makeInput` writes as many as the size asks for and
 * cuts the last one in front of a record. What would go backwards in a repeated log goes on instead: event numbers, and
 * the times of ftrace. Beside each log stands a note (.json) of how it was made, by which a later run knows it again.
 */
import { createHash } from 'node:crypto';
import {
  closeSync,
  createReadStream,
  createWriteStream,
  existsSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  statfsSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { createGzip, gunzipSync } from 'node:zlib';

const TRACES = fileURLToPath(new URL('../../examples/traces/', import.meta.url));
const SELF = fileURLToPath(import.meta.url);

/** A log is known again by its size and the checksum of this much of its beginning. */
const HEAD_BYTES = 1 << 20;
/** What is left free of the disk besides the log. */
const SPARE_BYTES = 64 << 20;
/** Lines of a made-up block. */
const MADE_LINES = 1 << 15;
/** Chunks of logs that are only read, to have them in memory. */
const READ_BYTES = 8 << 20;

/** `%6d: v=`, in a log of QEMU for x86. */
const X86_HEADER = /^ *\d+: v=/gm;

const repeatedX86 = (trace) => ({ trace, blocks: (text) => renumbered(text, X86_HEADER) });
const repeated = (trace, record, prepare = (text) => text) => ({
  ...{ trace, blocks: (text) => unchanged(prepare(text), record) },
});

/** `blocks(text of the trace)` gives a function; each call of it gives the next block and where records begin in it. */
export const KINDS = {
  int: repeatedX86('linux-x86_64-boot.log.gz'),
  i386: repeatedX86('linux-i386-boot.log.gz'),
  // Without what takes back a record, so that peers need no second thought to count.
  exec: repeated('linux-x86_64-smp2-exec-nochain.log.gz', /^Trace/gm, (text) =>
    text.replace(/^Trace .*\nStopped .*\n/gm, ''),
  ),
  arm: repeated('linux-aarch64-boot.log.gz', /^Taking exception/gm),
  riscv: repeated('tiny-riscv64-traps.log.gz', /^riscv_cpu_do_interrupt/gm),
  ftrace: { trace: 'linux-ftrace-events.txt.gz', blocks: laterAndLater },
  text: { blocks: serialTrace },
  'keys-10': { blocks: () => execOfKeys(10) },
  'keys-10k': { blocks: () => execOfKeys(10_000) },
  'keys-1m': { blocks: () => execOfKeys(1_000_000) },
};

function placesOf(text, record) {
  return Array.from(text.matchAll(record), (match) => match.index);
}

function unchanged(text, record) {
  const block = { bytes: Buffer.from(text, 'latin1'), records: placesOf(text, record) };
  return () => block;
}

const digitsOf = (number) => Math.max(6, String(number).length);

/** Numbers are patched into the bytes of one copy, which are made anew only when numbers get a digit more. */
export function renumbered(text, header, start = 0) {
  const count = placesOf(text, header).length;
  const withNumbers = (numberOf) => {
    let index = 0;
    const copy = text.replace(header, () => `${numberOf(index++)}: v=`);
    return { bytes: Buffer.from(copy, 'latin1'), records: placesOf(copy, header) };
  };
  let next = start;
  let shape = { digits: 0 };
  return () => {
    const first = next;
    next += count;
    const digits = digitsOf(first);
    if (digitsOf(next - 1) !== digits) return withNumbers((index) => String(first + index).padStart(6));
    if (shape.digits !== digits) shape = { digits, ...withNumbers(() => '0'.padStart(digits)) };
    for (const [index, at] of shape.records.entries()) putDecimal(shape.bytes, at + digits, first + index);
    return shape;
  };
}

/** Its last digit in front of `end`; what stands before is not longer than the number. */
function putDecimal(bytes, end, number) {
  let at = end;
  let rest = number;
  do {
    bytes[--at] = 0x30 + (rest % 10);
    rest = Math.floor(rest / 10);
  } while (rest > 0);
}

/** Each copy of the ftrace log begins a second behind the end of the one before. */
function laterAndLater(text) {
  const record = /^( *\S+-\d+ +\[\d+\] \S+ +)(\d+)(?=\.\d{6}: )/gm;
  const seconds = Array.from(text.matchAll(record), (match) => Number(match[2]));
  const span = seconds.at(-1) - seconds[0] + 1;
  const body = text.replace(/^#.*\n/gm, '');
  let copies = 0;
  return () => {
    const later = span * copies;
    const copy = (copies++ === 0 ? text : body).replace(
      record,
      (_, before, at) => before + String(Number(at) + later).padStart(at.length),
    );
    return { bytes: Buffer.from(copy, 'latin1'), records: placesOf(copy, record) };
  };
}

/** No capture of strat9's serial trace is bundled; these lines have its form. */
function serialTrace() {
  const kinds = ['mem_pf', 'mem_map', 'mem_unmap', 'mem_cow', 'mem_copy'];
  const random = pseudoRandom();
  let seq = 0;
  return () => {
    const lines = [];
    for (let line = 0; line < MADE_LINES; line++) {
      const [a, b] = [random(), random()];
      lines.push(
        `[trace] seq=${seq++} cpu=0 kind=${kinds[a % 5]} pid=${1 + (b % 9)} tid=${101 + (b % 9)} ` +
          `rip=0xffffffff8${hex7(a)} vaddr=0x7f${hex7(b)}000 a0=0x${(a & 7).toString(16)} a1=0x0 fl=0x6\r\n`,
      );
    }
    const text = lines.join('');
    return { bytes: Buffer.from(text, 'latin1'), records: placesOf(text, /^\[trace\]/gm) };
  };
}

const hex7 = (number) => (number & 0xfffffff).toString(16).padStart(7, '0');

/** An exec log of so many different addresses, each as likely as any other. */
function execOfKeys(keys) {
  const HEX = Buffer.from('0123456789abcdef');
  const line = 'Trace 0: 0x7f862904cbc0 [0000000000000000/ffffffff00000000/0040c2b0/ff080200] \n';
  const lastDigit = line.indexOf('ffffffff') + 15;
  const bytes = Buffer.from(line.repeat(MADE_LINES), 'latin1');
  const records = Array.from({ length: MADE_LINES }, (_, index) => index * line.length);
  const random = pseudoRandom();
  return () => {
    for (const at of records) {
      let address = (0x81000000 + (random() % keys) * 16) >>> 0;
      for (let digit = at + lastDigit; digit > at + lastDigit - 8; digit--) {
        bytes[digit] = HEX[address & 15];
        address >>>= 4;
      }
    }
    return { bytes, records };
  };
}

/** The same numbers every time, 32 bits each (xorshift). */
function pseudoRandom() {
  let state = 2463534242;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
}

/** Number of bytes and records of the log of this kind that has at most `bytes` bytes, given to `write` in parts. */
export function generate(kind, bytes, write) {
  const { trace, blocks } = KINDS[kind];
  const next = blocks(trace && gunzipSync(readFileSync(TRACES + trace)).toString('latin1'));
  const made = { bytes: 0, records: 0 };
  for (;;) {
    const { bytes: block, records } = next();
    const room = bytes - made.bytes;
    const fits = block.length <= room;
    const whole = fits ? records.length : records.findLastIndex((at) => at <= room);
    const part = fits ? block : block.subarray(0, records[Math.max(whole, 0)]);
    if (fits || whole > 0) {
      write(part);
      made.bytes += part.length;
      made.records += whole;
    }
    if (!fits) return made;
  }
}

export class NoRoom extends Error {}

function needRoom(folder, path, bytes) {
  const { bavail, bsize } = statfsSync(folder);
  const free = bavail * bsize;
  if (free >= bytes + SPARE_BYTES) return;
  const [wanted, there] = [bytes, free].map((size) => `${(size / 1e9).toFixed(1)} GB`);
  throw new NoRoom(`${path} takes ${wanted}, and ${folder} has ${there} free; --dir or --size helps`);
}

/**
 * The log of a kind, of at most `bytes` bytes: `{ path, bytes, records, reused }`. `zip`: packed by gzip, `bytes` being those
 * of the text. Of a log that is there only the size and the beginning are looked at.
 */
export async function makeInput(folder, { kind, bytes, zip = false }) {
  const path = join(folder, `${kind}-${bytes}.log${zip ? '.gz' : ''}`);
  const recipe = sha256(
    readFileSync(SELF),
    KINDS[kind].trace ? readFileSync(TRACES + KINDS[kind].trace) : '',
  );
  const found = foundAgain(path, recipe);
  if (found) return { path, ...found, reused: true };
  const drop = () => {
    for (const file of filesOf({ path })) rmSync(file, { force: true });
  };
  drop(); // an older one
  needRoom(folder, path, bytes);
  const unfinished = `${path}.unfinished`;
  process.once('exit', drop); // an interrupt comes while it is packed
  let made;
  try {
    made = writeLog(unfinished, kind, bytes);
    if (zip) await packed(unfinished, path);
    else renameSync(unfinished, path);
  } catch (error) {
    rmSync(path, { force: true });
    throw new Error(`cannot write ${path}: ${error.message}; --dir and --size help`);
  } finally {
    rmSync(unfinished, { force: true });
    process.off('exit', drop);
  }
  const note = { recipe, ...made, fileBytes: statSync(path).size, head: headOf(path) };
  writeFileSync(`${path}.json`, `${JSON.stringify(note)}\n`);
  return { path, ...made, reused: false };
}

function writeLog(path, kind, bytes) {
  const fd = openSync(path, 'w');
  try {
    return generate(kind, bytes, (part) => {
      for (let at = 0; at < part.length; ) at += writeSync(fd, part, at);
    });
  } finally {
    closeSync(fd);
  }
}

const packed = (from, to) => pipeline(createReadStream(from), createGzip(), createWriteStream(to));

function foundAgain(path, recipe) {
  if (!existsSync(path) || !existsSync(`${path}.json`)) return undefined;
  try {
    const note = JSON.parse(readFileSync(`${path}.json`, 'utf8'));
    const same =
      note.recipe === recipe && note.fileBytes === statSync(path).size && note.head === headOf(path);
    return same ? { bytes: note.bytes, records: note.records } : undefined;
  } catch {
    return undefined; // a note that cannot be read is none
  }
}

/** All files of an input, for removing them. */
export const filesOf = ({ path }) => [path, `${path}.json`, `${path}.unfinished`];

function headOf(path) {
  const fd = openSync(path, 'r');
  try {
    const head = Buffer.alloc(HEAD_BYTES);
    return sha256(head.subarray(0, readSync(fd, head)));
  } finally {
    closeSync(fd);
  }
}

function sha256(...parts) {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest('hex');
}

/** So that no job pays for the disk. */
export function readOnce(path) {
  const fd = openSync(path, 'r');
  try {
    const chunk = Buffer.allocUnsafe(READ_BYTES);
    while (readSync(fd, chunk) > 0);
  } finally {
    closeSync(fd);
  }
}
