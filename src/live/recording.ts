/**
 * A recorded execution: a folder that `trapline record` makes, and that -t replays under any script.
 *
 *   recording.json   what was run: Recording
 *   execution        QEMU's own file of all that came from outside the guest (-icount rr=record)
 *   times            f64 each: the guest's time, in nanoseconds, of the records of its interrupt log by number; absent when
 *                    log and execution could not be matched
 *
 * QEMU replays an execution exactly only with the same program, command line and images; whyNotReplayable says what differs.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { systemReason } from '../base/system-reason.ts';
import { type QemuFacts, qemuFacts } from './qemu-command.ts';

export interface RecordedFile {
  readonly path: string; // as the command names it
  readonly sha256: string;
}

export interface Recording {
  readonly trapline: number; // FORMAT
  /** The first line of `qemu --version`. */
  readonly qemu: string;
  /** The user's words, without -icount. */
  readonly command: readonly string[];
  /** Where it was run: relative paths of the command begin here. */
  readonly folder: string;
  readonly shift: number; // an instruction takes 2^shift nanoseconds of the guest's time
  readonly files: readonly RecordedFile[];
  readonly date: string; // ISO 8601: when it began
  readonly records: number; // of the interrupt log
}

const FORMAT = 1;
const DESCRIPTION = 'recording.json';
export const EXECUTION = 'execution';
const TIMES = 'times';

export function isRecording(folder: string): boolean {
  return fs.existsSync(path.join(folder, DESCRIPTION));
}

export function writeRecording(
  folder: string,
  recording: Omit<Recording, 'trapline'>,
  times: Float64Array | undefined,
): void {
  if (times)
    fs.writeFileSync(
      path.join(folder, TIMES),
      new Uint8Array(times.buffer, times.byteOffset, times.byteLength),
    );
  const text = JSON.stringify({ trapline: FORMAT, ...recording }, undefined, 2);
  fs.writeFileSync(path.join(folder, DESCRIPTION), `${text}\n`);
}

/** Or a sentence that says what is wrong with it. */
export function readRecording(folder: string): Recording | string {
  try {
    const value: unknown = JSON.parse(fs.readFileSync(path.join(folder, DESCRIPTION), 'utf8'));
    if (!isObject(value) || typeof value['trapline'] !== 'number')
      return `${DESCRIPTION} is not of a recording`;
    if (value['trapline'] !== FORMAT) return 'another version of trapline made it';
    return isWhole(value) ? (value as unknown as Recording) : `${DESCRIPTION} is damaged`;
  } catch (error) {
    return error instanceof SyntaxError ? `${DESCRIPTION} is damaged` : systemReason(error);
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function isWhole(value: Readonly<Record<string, unknown>>): boolean {
  const { qemu, command, folder, shift, files, date } = value;
  return (
    [qemu, folder, date].every((text) => typeof text === 'string') &&
    typeof shift === 'number' &&
    Array.isArray(command) &&
    command.length > 0 &&
    command.every((word) => typeof word === 'string') &&
    Array.isArray(files) &&
    files.every((file: unknown) => isObject(file) && typeof file['path'] === 'string')
  );
}

/** The guest's times of records by number; undefined when the recording has none. */
export function readTimes(folder: string): Float64Array | undefined {
  try {
    const bytes = fs.readFileSync(path.join(folder, TIMES));
    return new Float64Array(new Uint8Array(bytes).buffer, 0, bytes.length >> 3);
  } catch {
    return undefined;
  }
}

/** What its command says, with the kernel's file where it lies. */
export function recordedFacts({ command, folder }: Recording): QemuFacts {
  const facts = qemuFacts(command);
  return { ...facts, kernel: facts.kernel === undefined ? undefined : path.resolve(folder, facts.kernel) };
}

/** What differs from when it was recorded, and what helps; undefined when nothing does. */
export function whyNotReplayable(
  folder: string,
  recording: Recording,
  env: Readonly<Record<string, string | undefined>>,
): readonly [reason: string, hint: string] | undefined {
  const version = qemuVersion(recording.command[0]!, recording.folder, env);
  if (version !== recording.qemu)
    return [
      `it was recorded with ${recording.qemu}, and ${recording.command[0]} ${version === undefined ? 'does not run' : `is ${version}`}`,
      'an execution is replayed by the QEMU that recorded it: install that version, or record anew',
    ];
  for (const { path: name, sha256 } of recording.files) {
    const now = hashOf(path.resolve(recording.folder, name));
    if (now === sha256) continue;
    return [
      `${name} ${now === undefined ? 'cannot be read any more' : 'is not what it was'} when the execution was recorded`,
      'put the old file back, or record anew',
    ];
  }
  if (!fs.existsSync(path.join(folder, EXECUTION)))
    return [`its file ${EXECUTION} is missing`, 'record anew'];
  return undefined;
}

const VERSION_MS = 10_000;

export function qemuVersion(
  program: string,
  folder: string,
  env: Readonly<Record<string, string | undefined>>,
): string | undefined {
  const options = {
    cwd: fs.existsSync(folder) ? folder : '/',
    env,
    encoding: 'utf8',
    timeout: VERSION_MS,
  } as const;
  const { status, stdout } = spawnSync(program, ['--version'], options);
  return status === 0 ? stdout.split('\n')[0] : undefined;
}

const CHUNK_BYTES = 1 << 20;

/** Undefined when it cannot be read. */
function hashOf(file: string): string | undefined {
  let fd = -1;
  try {
    fd = fs.openSync(file, 'r');
    const hash = createHash('sha256');
    const chunk = Buffer.alloc(CHUNK_BYTES);
    for (let size = fs.readSync(fd, chunk); size > 0; size = fs.readSync(fd, chunk))
      hash.update(chunk.subarray(0, size));
    return hash.digest('hex');
  } catch {
    return undefined;
  } finally {
    if (fd >= 0) fs.closeSync(fd);
  }
}

/** Files of a command that make the guest what it is, with what they hold; a text names one that cannot be read. */
export function hashedFiles(words: readonly string[], folder: string): readonly RecordedFile[] | string {
  const found: RecordedFile[] = [];
  for (const name of imagesOf(words)) {
    const sha256 = hashOf(path.resolve(folder, name));
    // QEMU looks for firmware by name in folders of its own; its version vouches for those.
    if (sha256 !== undefined) found.push({ path: name, sha256 });
    else if (name.includes('/')) return name;
  }
  return found;
}

const IMAGE_SWITCH = /^--?(kernel|initrd|dtb|bios)$/;

function imagesOf(words: readonly string[]): string[] {
  return words.flatMap((word, i) => {
    const value = words[i + 1];
    if (value === undefined) return [];
    if (IMAGE_SWITCH.test(word)) return [value];
    return /^--?drive$/.test(word)
      ? [...value.matchAll(/(?:^|,)file=([^,]+)/g)].map((match) => match[1]!)
      : [];
  });
}
